"""Steps, the first of which is of no use when it is late."""
from celery import chain, shared_task


@shared_task
def fetch(place):
    return place


@shared_task
def keep(weather):
    return weather


def forecast(place):
    return chain(fetch.s(place).set(expires=30), keep.s()).delay()
