"""A cron monitor of Sentry, and tasks each line of which is wrong."""
from celery import Celery
from sentry_sdk.crons import monitor

app = Celery("shop", broker="redis://localhost:6379/0")


@app.task(max_retires=3)  # CEL903
@monitor(monitor_slug="sweep")
def sweep(days): ...


def later():
    sweep.dealy(3)  # CEL917
    sweep.apply_async((3,), coutdown=5)  # CEL404
    tidy.delay(3)  # CEL925


@monitor(monitor_slug="tidy")
@app.task
def tidy(days): ...
