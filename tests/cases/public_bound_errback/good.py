"""Writes down what failed."""
from celery import Celery

app = Celery("errors", broker="redis://localhost:6379/0")


@app.task
def work(pk):
    return pk


@app.task
def failed(request, exc, traceback):
    print(request.id, exc, traceback)


def start(pk):
    work.apply_async((pk,), link_error=failed.s())
