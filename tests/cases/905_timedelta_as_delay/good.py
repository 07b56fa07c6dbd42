"""Waits an hour before it tries again."""
from datetime import timedelta

from celery import shared_task

HOUR = timedelta(hours=1)


@shared_task(bind=True, default_retry_delay=timedelta(minutes=5).total_seconds())
def poll(self):
    raise self.retry()


@shared_task(bind=True, default_retry_delay=3600, max_retries=3)
def poll_again(self):
    raise self.retry()
