from celery import shared_task


@shared_task(queue="slow")
def resize(image_id):
    return image_id
