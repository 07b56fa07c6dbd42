"""One report at a time, by celery-once-task."""
from celery import shared_task
from celery_once_task import OnceTask


@shared_task(base=OnceTask, queue_lock=True, running_lock=False, max_retries=3)
def report(day): ...


def later(day):
    report.delay(day.isoformat())
