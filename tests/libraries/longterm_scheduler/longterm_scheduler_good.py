"""Reminders of a year, kept by celery-longterm-scheduler."""
import datetime

from celery import Celery, shared_task
from celery_longterm_scheduler import Task

app = Celery("year", broker="redis://localhost:6379/0", task_cls=Task)


@app.task
def remind(pk): ...


@shared_task(base=Task)
def greet(pk): ...


def later(pk):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300)
    remind.apply_async((pk,), eta=moment)
    greet.apply_async((pk,), eta=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9))
    greet.apply_async((pk,), countdown=60)
