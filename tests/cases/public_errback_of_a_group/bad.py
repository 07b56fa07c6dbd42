"""Steps of an archive."""
from celery import group, shared_task


@shared_task
def step(number):
    return number


@shared_task
def failed(request, exc, traceback):
    print(request.id, exc, traceback)


def run():
    group(step.s(1), step.s(2)).apply_async(link_error=failed.s())
