"""Steps."""
from celery import chain, shared_task


@shared_task
def fetch(place):
    return place


@shared_task
def keep(weather):
    return weather


def forecast(place):
    return chain(fetch.s(place), keep.s().set(expires=30)).delay()
