"""Clicks that are counted a hundred at a time, by celery-batches, each line wrong."""
from celery import Celery, chain, chord
from celery_batches import Batches

app = Celery("clicks", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")


@app.task(base=Batches, flush_evry=100, max_retires=3)  # CEL903 CEL927
def count(url, user):  # CEL927
    ...


@app.task(base=Batches, bind=True, autoretry_for=(OSError,), expires=60)  # CEL927 CEL927
def show(self, requests):
    try:
        print(len(requests))
    except ValueError as error:
        raise self.retry(exc=error)  # CEL927


@app.task
def done(total): ...


def clicked(url):
    count.dealy(url)  # CEL917
    count.apply_async((url,), coutdown=5)  # CEL404
    count.apply_async((url,), expires=5)  # CEL927
    print(show.delay(url).get())  # CEL927
    chain(show.s(url), done.s()).delay()  # CEL927
    chord([show.s(url)], done.s()).delay()  # CEL927
    (show.s(url) | done.s()).delay()  # CEL927
