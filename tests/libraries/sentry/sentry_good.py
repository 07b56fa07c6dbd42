"""A cron monitor of Sentry, below the task's decorator."""
from celery import Celery
from sentry_sdk.crons import monitor

app = Celery("shop", broker="redis://localhost:6379/0")


@app.task
@monitor(monitor_slug="sweep")
def sweep(days): ...


def later():
    sweep.delay(3)
