"""Where the application is made."""
from celery import Celery

celery_app = Celery("core", broker="redis://cache:6379/0")
celery_app.conf.update(worker_pool="prefork", task_track_started=True)
