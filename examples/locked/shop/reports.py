"""A task that has waited in queues since the lock was written."""

from celery import shared_task


@shared_task
def build_report(month):
    return f"report of {month}"
