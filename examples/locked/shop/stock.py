from celery import shared_task


@shared_task
def reserve(item_id, count):
    return item_id, count
