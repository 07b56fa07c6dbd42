"""One report at a time, by celery-once-task, each line wrong."""
from celery import shared_task
from celery_once_task import OnceTask


@shared_task(base=OnceTask, queue_lok=True, max_retires=3)  # CEL903 CEL927
def report(day): ...


def later():
    report.delay()  # CEL401
    report.dealy("today")  # CEL917
    report.apply_async(("today",), coutdown=5)  # CEL404
