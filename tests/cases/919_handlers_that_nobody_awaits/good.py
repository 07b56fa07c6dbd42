"""Tells others how tasks went."""
import asyncio

from celery import signals


async def tell(sender):
    print(sender)


def failed(sender=None, **kwargs):
    asyncio.run(tell(sender))


signals.task_failure.connect(failed)
