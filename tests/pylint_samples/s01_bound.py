"""Bound tasks, and calls of them as functions."""

from celery import shared_task


@shared_task(bind=True)
def fetch(self, url):
    return url, self.request.id


@shared_task(bind=True)
def touch(self):
    return self.request.retries


@shared_task(bind=True)
def unused_self(self, url):  # gone: unused-argument
    return url


@shared_task(bind=True, max_retries=3)
def unused_both(self, url, timeout):  # gone: unused-argument; stays: unused-argument
    return url


@shared_task
def unbound(self_like, url):  # stays: unused-argument
    return url


fetch("https://example.org")  # gone: no-value-for-parameter
touch()  # gone: no-value-for-parameter
unused_self("a")  # gone: no-value-for-parameter
unused_both("a", 1)  # gone: no-value-for-parameter
FIRST = fetch(url="a")  # gone: no-value-for-parameter
