"""The checkout as one writes it first."""

import json
from urllib.request import urlopen

from celery import Celery
from django.db import transaction
from outside import RESULTS, TRANSPORT, WORLD, take_money
from shop import Order, Payment

app = Celery("shop", broker="filesystem://", backend=RESULTS)
app.conf.broker_transport_options = TRANSPORT
SUPPLIERS = ("north", "south", "east")


@app.task
def quote(order_id):
    prices = []
    for supplier in SUPPLIERS:
        prices.append(json.load(urlopen(f"{WORLD}/price/{supplier}")))
    Order.objects.filter(pk=order_id).update(price=min(prices))


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
