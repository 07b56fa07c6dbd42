"""A model's own task, by django-celery-boost, each line wrong."""
from celery import shared_task
from django_celery_boost.task import TaskRunFromSignature


@shared_task(base=TaskRunFromSignature, max_retires=3)  # CEL903
def process(pk, version, amount): ...


def later(pk, version):
    process.dealy(5, pk, version)  # CEL917
