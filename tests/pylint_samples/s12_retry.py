"""Retries end a task as a raise does."""

from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from celery import shared_task


@shared_task(bind=True)
def download(self, url):  # gone: inconsistent-return-statements
    try:
        return urlopen(url, timeout=3).status
    except URLError as error:
        self.retry(exc=error, countdown=5)


@shared_task(bind=True)
def upload(self, url):  # gone: inconsistent-return-statements
    if url.startswith("https"):
        return urlopen(url, b"", timeout=3).status
    self.retry(countdown=60)


@shared_task(bind=True)
def sometimes(self, url):  # stays: inconsistent-return-statements
    try:
        return urlopen(url, timeout=3).status
    except HTTPError as error:
        self.retry(exc=error)
    except URLError:
        print("lost")


@shared_task(bind=True)
def no_throw(self, url):  # stays: inconsistent-return-statements
    try:
        return urlopen(url, timeout=3).status
    except URLError as error:
        self.retry(exc=error, throw=False)  # new: celery-retry-result-ignored


def plain(client, url):  # stays: inconsistent-return-statements
    if url:
        return client.get(url)
    client.retry(url)
