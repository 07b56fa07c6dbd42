"""Tells others how tasks went."""
from celery import signals


async def failed(sender=None, **kwargs):
    print(sender)


signals.task_failure.connect(failed)


@signals.worker_ready.connect
async def ready(**kwargs):
    print("ready")
