"""Chains, groups and chords."""

from celery import chain, chord, group, shared_task


@shared_task
def add(first, second):
    return first + second


@shared_task
def total(numbers):
    return sum(numbers)


def send():
    chain(add.s(1, 2), add.s(3))()
    chord([add.s(1, 1), add.s(2, 2)])(total.s())
    (group(add.s(1, 1), add.s(2, 2)) | total.s()).delay()
    add.s(1, 2) | add.s(3)  # stays: expression-not-assigned; new: celery-signature-never-sent
    return add.apply_async((1, 2)).get(timeout=1)
