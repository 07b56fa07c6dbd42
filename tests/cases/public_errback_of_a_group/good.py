"""Steps of an archive."""
from celery import group, shared_task


@shared_task
def step(number):
    return number


@shared_task
def failed(request, exc, traceback):
    print(request.id, exc, traceback)


def run():
    group(step.s(1).on_error(failed.s()), step.s(2).on_error(failed.s())).apply_async()
