"""Runs that a user may stop."""
from celery import Celery

app = Celery("runs", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


@app.task
def work(pk):
    return pk


@app.task
def stop(result):
    print(result)


def start_and_stop(pk):
    result = work.delay(pk)
    app.control.revoke(result)


def stop_later(pk):
    result = work.apply_async((pk,))
    stop.apply_async((result,), countdown=60)
