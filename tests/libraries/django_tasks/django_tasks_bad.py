"""Django's own tasks beside Celery's, each line wrong."""
from celery import shared_task
from django import tasks
from django.tasks import task


@task
def remind(pk): ...


@tasks.task(queue_name="slow")
def sweep(): ...


@shared_task
def charge(pk): ...


def later(pk):
    remind.delay(pk)  # CEL926
    sweep.apply_async()  # CEL926
    charge.dealy(pk)  # CEL917
