"""Checks web pages."""
from celery import Celery

app = Celery("pages", broker="redis://localhost:6379/0", backend="redis://localhost:6379/0")
app.conf.task_routes = {"pages.check_page": {"queue": "checks"}}


@app.task(name="pages.check_page")
def check_page(url, timeout=5):
    return url, timeout
