"""Handlers of the signals around a task."""

from celery import signals
from celery.signals import task_failure, task_postrun, task_prerun


@task_prerun.connect
def before(sender=None, task_id=None, args=None, kwargs=None, **extra):  # gone: unused-argument, unused-argument, unused-argument, unused-argument
    print(task_id)


@task_postrun.connect(weak=False)
def after(task_id, **kwargs):  # gone: unused-argument, unused-argument
    print("done")


@task_failure.connect
def failed(sender=None, exception=None, **kwargs):  # gone: unused-argument, unused-argument, unused-argument
    print("failed")


@signals.task_success.connect
def succeeded(sender, result, colour=None, **kwargs):  # gone: unused-argument, unused-argument; stays: unused-argument
    print(sender)


def not_a_handler(sender, result):  # stays: unused-argument, unused-argument
    return None
