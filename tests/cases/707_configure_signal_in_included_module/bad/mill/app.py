from celery import Celery

celery = Celery("mill", broker="redis://localhost:6379/0", include=["mill.periodic"])
