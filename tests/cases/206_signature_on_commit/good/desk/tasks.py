"""Tickets."""
from celery import shared_task
from celery.contrib.django.task import DjangoTask


class Logged(DjangoTask):
    """Writes down how it ended."""

    def on_success(self, retval, task_id, args, kwargs):
        print(task_id, retval)


@shared_task
def notify(ticket: int) -> int:
    return ticket


@shared_task(base=Logged)
def close(ticket: int) -> int:
    return ticket
