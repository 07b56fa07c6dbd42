"""Step 5, queues by urgency: every queue is declared, and a misspelt one is an error."""

import json
from functools import partial
from urllib.request import urlopen

from celery import Celery, chord
from django.db import transaction
from kombu import Queue
from outside import RESULTS, TRANSPORT, WORLD, BankError, take_money
from shop import Order, Payment

app = Celery("shop", broker="filesystem://", backend=RESULTS)
app.conf.broker_transport_options = TRANSPORT
app.conf.task_queues = (Queue("urgent"), Queue("bulk"))
app.conf.task_default_queue = "bulk"
app.conf.task_create_missing_queues = False
app.conf.broker_connection_retry_on_startup = True
app.conf.task_soft_time_limit = 20
app.conf.task_time_limit = 30
SUPPLIERS = ("north", "south", "east")


@app.task(name="tasks.ask", queue="urgent")
def ask(supplier):
    try:
        with urlopen(f"{WORLD}/price/{supplier}", timeout=1) as answer:
            return json.load(answer)
    except OSError:
        return None  # decided: the others' prices will do


@app.task(name="tasks.settle", queue="urgent")
def settle(prices, order_id):
    known = [price for price in prices if price is not None]
    Order.objects.filter(pk=order_id).update(price=min(known, default=None))


@app.task(name="tasks.quote", queue="urgent")
def quote(order_id):
    chord([ask.s(supplier) for supplier in SUPPLIERS])(settle.s(order_id))


@app.task(name="tasks.mail", queue="urgent")
def send_mail(order_id):
    Order.objects.filter(pk=order_id).update(mailed=True)


@app.task(
    name="tasks.charge",
    queue="urgent",
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(BankError,),
    retry_backoff=1,
    max_retries=5,
)
def charge(order_id, currency="EUR"):
    order = Order.objects.get(pk=order_id)
    take_money(order.pk, currency, key=f"order-{order.pk}")
    Payment.objects.get_or_create(order_id=order.pk)


@app.task(name="tasks.report", queue="bulk")
def report(day):
    with urlopen(f"{WORLD}/archive/{day}", timeout=5) as answer:
        return json.load(answer)


def place(pack):
    with transaction.atomic():
        order = Order.objects.create()
        transaction.on_commit(partial(charge.delay, order.pk))
        transaction.on_commit(partial(send_mail.delay, order.pk))
        pack(order)
    return order.pk
