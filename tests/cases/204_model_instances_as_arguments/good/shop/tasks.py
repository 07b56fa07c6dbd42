"""Mails about orders."""
from celery import shared_task


@shared_task
def mail_confirmation(order):
    print(order)


@shared_task
def archive(orders):
    for order in orders:
        print(order)
