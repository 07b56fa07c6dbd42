"""Checks web pages."""
from celery import Celery

app = Celery("pages", broker="redis://localhost:6379/0", backend="redis://localhost:6379/0")
app.conf.task_routes = {"check_page": {"queue": "checks"}}


@app.task
def check_page(url, timeout=5):
    return url, timeout
