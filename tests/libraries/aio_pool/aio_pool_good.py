"""Coroutine functions as tasks, by celery-aio-pool."""
import asyncio

from celery import Celery

app = Celery("fetch", broker="redis://localhost:6379/0")
app.conf.worker_pool = "celery_aio_pool.pool:AsyncIOPool"


@app.task(bind=True, max_retries=3)
async def fetch(self, url):
    await asyncio.sleep(1)
    if not url:
        raise self.retry(countdown=5)


def later(url):
    fetch.delay(url)
