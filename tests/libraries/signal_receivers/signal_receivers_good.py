"""Signals that tasks handle, by celery-signal-receivers."""
from celery_signals import receiver_task
from shop.signals import order_paid


@receiver_task(order_paid, celery_task_options={"queue": "slow", "max_retries": 3})
def remind(sender, message, **kwargs): ...


def paid(order):
    order_paid.send(order)
