"""Sums."""
from celery import chain, chord, shared_task


@shared_task
def add(x, y):
    return x + y


@shared_task
def total(numbers):
    return sum(numbers)


def work():
    sent = add.s(1, 2).delay()
    if sent.ready():
        return sent.result
    both = chain(add.s(1, 2), add.s(3))()
    print(both.get(timeout=2))
    return chord([add.s(1, 2)])(total.s()).get()
