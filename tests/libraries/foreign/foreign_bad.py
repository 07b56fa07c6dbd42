"""Other queues' tasks, sent as if they were Celery's."""
import dramatiq
from taskiq_redis import ListQueueBroker

broker = ListQueueBroker("redis://localhost:6379/0")


@dramatiq.actor(max_retries=3)
def sweep(pk): ...


@broker.task
async def fetch(pk): ...


def later(pk):
    sweep.delay(pk)  # CEL926
    fetch.apply_async((pk,))  # CEL926
