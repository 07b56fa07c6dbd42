"""Other decorators beside the task's."""

import functools

from celery import shared_task


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print(args)
        return function(*args, **kwargs)

    return wrapper


@logged
@shared_task(bind=True)
def outer(self, url):
    return self.request.id, url


@shared_task(bind=True)
@logged
def inner(self, url):
    return self.request.id, url


@shared_task(bind=True)
def idle(self, url, level):  # gone: unused-argument; stays: unused-argument
    return url


inner("a")  # gone: no-value-for-parameter
