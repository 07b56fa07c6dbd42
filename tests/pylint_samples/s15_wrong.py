"""Mistakes that must be told."""

from celery import shared_task


@shared_task
def add(first, second):
    return first + second


@shared_task(bind=True)
def bound(self, first):
    return self.request.id, first


def use():
    add(1)  # gone: no-value-for-parameter; new: celery-arguments-do-not-fit
    add(1, 2, 3)  # gone: too-many-function-args; new: celery-arguments-do-not-fit
    add(1, third=3)  # gone: no-value-for-parameter, unexpected-keyword-arg; new: celery-arguments-do-not-fit
    bound()  # gone: no-value-for-parameter, no-value-for-parameter; new: celery-arguments-do-not-fit
    bound(1, 2)  # new: celery-arguments-do-not-fit
    add.delay(1)  # new: celery-arguments-do-not-fit
    add.dealy(1)  # new: celery-unknown-task-method, no-member
    add.asynch_apply((1, 2))  # new: no-member
    undefined_name(1)  # stays: undefined-variable
    return add(1, 2).missing  # stays: no-member
