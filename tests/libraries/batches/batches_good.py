"""Clicks that are counted a hundred at a time, by celery-batches."""
from collections import Counter

from celery import Celery
from celery_batches import Batches, SimpleRequest

app = Celery("clicks", broker="redis://localhost:6379/0")


@app.task(base=Batches, flush_every=100, flush_interval=10)
def count(requests: list[SimpleRequest]):
    totals = Counter(request.kwargs["url"] for request in requests)
    for request in requests:
        app.backend.mark_as_done(request.id, totals[request.kwargs["url"]], request=request)


@app.task(base=Batches, bind=True)
def show(self, requests):
    print(self.name, len(requests))


def clicked(url):
    count.delay(url=url)
    count.delay(url, priority=1)
    count.apply_async(kwargs={"url": url}, countdown=5)
    show.delay(1, 2, 3)
