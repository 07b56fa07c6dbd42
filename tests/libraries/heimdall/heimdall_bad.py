"""Calls of a partner's service, limited by celery-heimdall, each line wrong."""
from celery import Celery
from celery_heimdall import HeimdallTask

app = Celery("partner", broker="redis://localhost:6379/0")
app.conf.heimdall_unique_timeot = 60  # CEL927


@app.task(base=HeimdallTask, heimdall={"uniqe": True}, unique=True)  # CEL927 CEL927
def fetch(order_id): ...


@app.task(base=HeimdallTask, heimdall={"unique": True}, autoretry_for=(OSError,))  # CEL927
def push(order_id): ...


def later(order):
    fetch.delay()  # CEL401
    fetch.dealy(order.pk)  # CEL917
    push.apply_async((order.pk,), coutdown=5)  # CEL404
