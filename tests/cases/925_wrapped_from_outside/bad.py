"""Decorators in the wrong order."""
import functools

import sentry_sdk
from celery import shared_task
from django.db import transaction
from sentry_sdk.crons import monitor


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@timed
@shared_task
def count(number):
    return number


@transaction.atomic
@shared_task(bind=True)
def store(self, number):
    return number


@monitor(monitor_slug="report")
@shared_task
def report():
    return sentry_sdk.VERSION


def send():
    count.delay(1)
    store.apply_async((2,))
    report.delay()
