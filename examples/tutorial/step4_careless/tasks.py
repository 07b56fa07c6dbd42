"""Step 4 done carelessly: charge() takes one thing more, and mail() has a better name."""

import json
from functools import partial
from urllib.request import urlopen

from celery import Celery, chord
from django.db import transaction
from outside import RESULTS, TRANSPORT, WORLD, BankError, take_money
from shop import Order, Payment

app = Celery("shop", broker="filesystem://", backend=RESULTS)
app.conf.broker_transport_options = TRANSPORT
app.conf.task_soft_time_limit = 20
app.conf.task_time_limit = 30
SUPPLIERS = ("north", "south", "east")


@app.task
def ask(supplier):
    try:
        with urlopen(f"{WORLD}/price/{supplier}", timeout=1) as answer:
            return json.load(answer)
    except OSError:
        return None  # decided: the others' prices will do


@app.task
def settle(prices, order_id):
    known = [price for price in prices if price is not None]
    Order.objects.filter(pk=order_id).update(price=min(known, default=None))


@app.task
def quote(order_id):
    chord([ask.s(supplier) for supplier in SUPPLIERS])(settle.s(order_id))


@app.task
def send_mail(order_id):
    Order.objects.filter(pk=order_id).update(mailed=True)


@app.task(
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(BankError,),
    retry_backoff=1,
    max_retries=5,
)
def charge(order_id, currency):
    order = Order.objects.get(pk=order_id)
    take_money(order.pk, currency, key=f"order-{order.pk}")
    Payment.objects.get_or_create(order_id=order.pk)


@app.task
def report(day):
    with urlopen(f"{WORLD}/archive/{day}", timeout=5) as answer:
        return json.load(answer)


def place(pack):
    with transaction.atomic():
        order = Order.objects.create()
        transaction.on_commit(partial(charge.delay, order.pk, "EUR"))
        pack(order)
    return order.pk
