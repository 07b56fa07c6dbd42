"""The help desk's application."""
from celery import Celery

app = Celery("desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
