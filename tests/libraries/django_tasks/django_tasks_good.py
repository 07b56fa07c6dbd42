"""Django's own tasks beside Celery's."""
from celery import shared_task
from django.tasks import task


@task(priority=5, queue_name="slow")
def remind(pk): ...


@shared_task
def charge(pk): ...


def later(pk):
    remind.enqueue(pk)
    remind.using(priority=1).enqueue(pk)
    charge.delay(pk)
