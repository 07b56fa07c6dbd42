"""Orders, stock and reports."""

import asyncio

from celery import chain, chord, shared_task
from celery.exceptions import Retry

from .bank import Bank, BankError
from .models import Order, Report


@shared_task(autoretry_for=(BankError,), max_retries=10, retry_backoff=True)
def charge(order_id):
    Bank().charge(Order.objects.get(pk=order_id))


@shared_task(bind=True, soft_time_limit=540, time_limit=600)
def report(self, day):
    try:
        if not Order.objects.filter(day=day, open=False).exists():
            raise self.retry(countdown=300)
        Report.build(day)
    except Retry:
        raise
    except Exception:
        Report.failed(day)


@shared_task(autoretry_for=(ConnectionError,))
def update_stock(sku, amount):
    Report.stock(sku, amount)


@shared_task
def clean_up():
    Order.objects.filter(open=False).delete()


@shared_task
def notify_partner(order_id):
    asyncio.run(Bank().notify(order_id))


@shared_task
def ship(order_id, address): ...


@shared_task
def total(parts): ...


@shared_task
def invoice(order_id):
    chain(ship.s(order_id, "here"), total.s()).delay()


def checkout(order):
    charge.apply_async((order.pk,), countdown=30)
    ship.apply_async(("first", order.address), queue="orders")
    ship.s(order.pk, order.address).delay()
    chord([ship.s(part.pk, order.address) for part in order.parts])(total.s())
    chain(charge.si(order.pk), ship.si(order.pk, order.address)).delay()
    update_stock.delay(order.sku, -1)
