"""Orders, stock and reports."""

from celery import chain, chord, shared_task

from .bank import Bank, BankError
from .models import Order, Report


@shared_task(bind=True, max_retires=10, retry_backoff=True)
def charge(self, order_id):
    try:
        Bank().charge(Order.objects.get(pk=order_id))
    except BankError as error:
        raise self.retry(error)


@shared_task(bind=True, soft_time_limit=600, time_limit=60)
def report(self, day):
    try:
        if not Order.objects.filter(day=day, open=False).exists():
            raise self.retry(countdown=300)
        Report.build(day)
    except Exception:
        Report.failed(day)


@shared_task(autoretry_for=(ConnectionError))
def update_stock(sku, amount):
    Report.stock(sku, amount)


@shared_task
def clean_up(self):
    Order.objects.filter(open=False).delete()


@shared_task
async def notify_partner(order_id):
    await Bank().notify(order_id)


@shared_task
def ship(order_id, address): ...


@shared_task
def total(parts): ...


@shared_task
def invoice(order_id):
    lines = chain(ship.s(order_id), total.s())
    price = total.delay(lines).get()
    return price


def checkout(order):
    charge.delay(order.pk, countdown=30)
    ship.apply_async(("first"), queue="orders")
    ship.s(order.pk, order.address)
    chord([ship.s(part.pk, order.address) for part in order.parts])()
    chain(charge.si(order.pk), ship).delay()
    update_stock.dealy(order.sku, -1)
