"""Other queues' tasks, sent their own way."""
import dramatiq
from taskiq_redis import ListQueueBroker

broker = ListQueueBroker("redis://localhost:6379/0")


@dramatiq.actor(max_retries=3)
def sweep(pk): ...


@broker.task
async def fetch(pk): ...


async def later(pk):
    sweep.send(pk)
    await fetch.kiq(pk)
