"""Signals that tasks handle, by celery-signal-receivers, each line wrong."""
from celery_signals import receiver_task
from shop.signals import order_paid


@receiver_task(order_paid)
def remind(sender, message, **kwargs): ...


def paid(order):
    remind.delay(order.pk)  # CEL926
