"""Stale work is dropped, by django-celery-extensions."""
from celery import shared_task
from django_celery_extensions.task import DjangoTask


@shared_task(base=DjangoTask, unique=True, stale_time_limit=60, default_retry_delays=(1, 2, 4))
def refresh(pk): ...


def later(pk):
    refresh.delay_on_commit(pk)
    refresh.apply_async(args=(pk,), is_async_unique=True)
