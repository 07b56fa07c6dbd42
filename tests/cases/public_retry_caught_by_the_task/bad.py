"""Talks to a bank."""
import logging

from celery import shared_task

LOG = logging.getLogger(__name__)


class Unavailable(Exception):
    """Come again."""


def ask(pk):
    raise Unavailable(pk)


@shared_task(bind=True, max_retries=5)
def pay(self, pk):
    try:
        try:
            ask(pk)
        except Unavailable as error:
            raise self.retry(exc=error, countdown=30)
    except Exception:
        LOG.exception("payment %s failed", pk)
