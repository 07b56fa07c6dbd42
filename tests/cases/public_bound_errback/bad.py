"""Writes down what failed."""
from celery import Celery

app = Celery("errors", broker="redis://localhost:6379/0")


@app.task
def work(pk):
    return pk


@app.task(bind=True)
def failed(self, task_id, exc, traceback, note):
    print(self.request.id, task_id, exc, traceback, note)


def start(pk):
    work.apply_async((pk,), link_error=failed.s())
