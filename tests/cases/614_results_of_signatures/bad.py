"""Sums."""
from celery import chain, chord, shared_task


@shared_task
def add(x, y):
    return x + y


@shared_task
def total(numbers):
    return sum(numbers)


def work():
    signature = add.s(1, 2)
    if signature.ready():
        return signature.result
    both = chain(add.s(1, 2), add.s(3))
    print(both.get(timeout=2))
    return chord([add.s(1, 2)], total.s()).get()
