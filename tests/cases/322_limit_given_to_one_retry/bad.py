"""Bills; a busy bank gets more time."""
from celery import shared_task


class Busy(Exception):
    """The bank is busy."""


@shared_task(bind=True, autoretry_for=(ConnectionError,), retry_backoff=True, max_retries=20)
def charge(self, bill):
    try:
        print(bill)
    except Busy as error:
        raise self.retry(exc=error, max_retries=2)
