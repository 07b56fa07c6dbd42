"""Calls of a partner's service, limited over all workers by celery-heimdall."""
from celery import Celery
from celery_heimdall import HeimdallTask, RateLimit

app = Celery("partner", broker="redis://localhost:6379/0")


@app.task(base=HeimdallTask, heimdall={"unique": True, "unique_timeout": 60})
def fetch(order_id): ...


@app.task(base=HeimdallTask, heimdall={"rate_limit": RateLimit((2, 10))}, autoretry_for=(OSError,))
def push(order_id): ...


@app.task(base=HeimdallTask, bind=True)
def sweep(self):
    if self.only_after("sweep", seconds=60):
        print("swept")


def later(order):
    fetch.delay(order.pk)
    push.apply_async((order.pk,), countdown=5)
    sweep.delay()
