from celery import shared_task


@shared_task
def charge(order_id):
    return order_id


@shared_task
def refund(order_id, reason=""):
    return order_id, reason
