"""What is called when a task fails."""

from celery import shared_task


@shared_task
def on_error(request, exc, traceback):  # gone: unused-argument, unused-argument
    print(request.id)


@shared_task
def charge(order_id):
    return order_id


@shared_task
def other(request, exc):  # stays: unused-argument, unused-argument
    print("other")


def send(order_id):
    charge.apply_async((order_id,), link_error=on_error.s())
