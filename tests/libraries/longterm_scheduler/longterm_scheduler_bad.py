"""Reminders of a year, kept by celery-longterm-scheduler, each line wrong."""
from celery import Celery
from celery_longterm_scheduler import Task

app = Celery("year", broker="redis://localhost:6379/0", task_cls=Task)


@app.task(max_retires=3)  # CEL903
def remind(pk): ...


def later(pk):
    remind.delay()  # CEL401
    remind.dealy(pk)  # CEL917
    remind.apply_async((pk,), coutdown=60)  # CEL404
    remind.apply_async((pk,), countdown=86400)  # CEL311
