"""Tasks that are sent after the commit, by Celery's own DjangoTask, each line wrong."""
from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import transaction


@shared_task(base=DjangoTask, max_retires=3)  # CEL903
def charge(pk): ...


def later(order):
    with transaction.atomic():
        order.save()
        charge.delay(order.pk)  # CEL201
        charge.delay_on_commit()  # CEL401
        charge.apply_async_on_commit((order.pk,), coutdown=5)  # CEL404
