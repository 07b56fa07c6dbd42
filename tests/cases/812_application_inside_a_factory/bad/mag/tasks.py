from celery import shared_task


@shared_task
def print_page(number: int) -> int:
    return number
