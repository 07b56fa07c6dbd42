"""Stale work is dropped, by django-celery-extensions, each line wrong."""
from celery import shared_task
from django_celery_extensions.task import DjangoTask


@shared_task(base=DjangoTask, stale_time_limt=60, max_retires=3)  # CEL903 CEL927
def refresh(pk): ...


def later(pk):
    refresh.dealy(pk)  # CEL917
