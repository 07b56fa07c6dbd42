"""Tasks that are sent after the commit, by Celery's own DjangoTask."""
from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import transaction


@shared_task(base=DjangoTask, max_retries=3)
def charge(pk): ...


def later(order):
    with transaction.atomic():
        order.save()
        charge.delay_on_commit(order.pk)
        charge.apply_async_on_commit((order.pk,), countdown=5)
