"""Decorators in the right order."""
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


@shared_task
@timed
def count(number):
    return number


@shared_task(bind=True)
@transaction.atomic
def store(self, number):
    return number


@shared_task
@monitor(monitor_slug="report")
def report():
    return sentry_sdk.VERSION


def send():
    count.delay(1)
    store.apply_async((2,))
    report.delay()
