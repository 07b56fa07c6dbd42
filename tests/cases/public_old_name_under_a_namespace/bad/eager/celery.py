from celery import Celery

app = Celery("eager")
app.config_from_object("django.conf:settings", namespace="CELERY")
