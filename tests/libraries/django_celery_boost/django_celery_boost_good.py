"""A model's own task, by django-celery-boost: key and version come first."""
from celery import shared_task
from django_celery_boost.task import TaskRunFromSignature


@shared_task(base=TaskRunFromSignature)
def process(pk, version, amount): ...


def later(pk, version):
    process.delay(5, pk, version)
    process.apply_async((5, pk, version))
