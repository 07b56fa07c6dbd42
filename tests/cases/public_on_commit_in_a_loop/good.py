"""Mails to all that take part."""
from functools import partial

from celery import shared_task
from django.db import transaction


@shared_task
def mail(pk):
    return pk


def invite(people):
    with transaction.atomic():
        for person in people:
            person.invited = True
            person.save()
            transaction.on_commit(partial(mail.delay, person.pk))
