"""Step 1, tasks are short: a chord, timeouts, and limits for all that is forgotten."""

import json
from urllib.request import urlopen

from celery import Celery, chord
from django.db import transaction
from outside import RESULTS, TRANSPORT, WORLD, take_money
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
def mail(order_id):
    Order.objects.filter(pk=order_id).update(mailed=True)


@app.task(acks_late=True, retry_backoff=1, max_retries=5)
def charge(order_id):
    order = Order.objects.get(pk=order_id)
    take_money(order.pk)
    Payment.objects.create(order_id=order.pk)


@app.task
def report(day):
    with urlopen(f"{WORLD}/archive/{day}", timeout=5) as answer:
        return json.load(answer)


def place(pack):
    with transaction.atomic():
        order = Order.objects.create()
        charge.delay(order.pk)
        pack(order)
    return order.pk
