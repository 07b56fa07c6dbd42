"""Coroutine functions as tasks, by celery-aio-pool, each line wrong."""
import asyncio

from celery import Celery

app = Celery("fetch", broker="redis://localhost:6379/0")
app.conf.worker_pool = "celery_aio_pool.pool:AsyncIOPool"


@app.task(max_retires=3)  # CEL903
async def fetch(url):
    await asyncio.sleep(1)


def later(url):
    fetch.delay()  # CEL401
    fetch.dealy(url)  # CEL917
    fetch.apply_async((url,), coutdown=5)  # CEL404
