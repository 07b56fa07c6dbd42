"""Mail to customers."""

from datetime import datetime, timedelta, timezone
from functools import partial

from celery import shared_task
from django.db import transaction

from .models import Order


@shared_task
def confirm(order_id): ...


@shared_task
def remind(order_id): ...


@shared_task
def remind_all(when): ...


def save(order):
    with transaction.atomic():
        order.save()
        transaction.on_commit(partial(confirm.delay, order.pk))


@transaction.atomic
def close_all():
    for order in Order.objects.filter(open=True):
        order.close()
        transaction.on_commit(partial(confirm.delay, order.pk))


def remind_tomorrow(order):
    remind.apply_async((order.pk,), eta=datetime.now(timezone.utc) + timedelta(days=1))
    remind.apply_async((order.pk,), countdown=2 * 24 * 3600)
    remind.apply_async((order.pk,), expires=3600)
    remind.apply_async((order.pk,), countdown=3600, expires=3600 + 600)
