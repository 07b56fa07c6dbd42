"""The scanners' application."""
from celery import Celery

app = Celery("scans")
app.config_from_object("scans.celeryconfig")
