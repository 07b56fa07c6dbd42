"""A project that left Celery half way."""
import dramatiq
from celery import shared_task
from django.tasks import task


@task
def mail(pk):
    return pk


@dramatiq.actor
def fax(pk):
    return pk


@shared_task
def phone(pk):
    return pk


def tell(pk):
    mail.enqueue(pk)
    fax.send(pk)
    phone.delay(pk)
