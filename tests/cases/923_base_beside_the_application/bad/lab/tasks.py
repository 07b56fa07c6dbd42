from celery import Task
from celery_singleton import Singleton

from lab.celery import app


class Mailing(Task):
    """Tells when it failed."""

    def on_failure(self, exc, task_id, args, kwargs, einfo):
        print(exc)


@app.task(base=Mailing)
def measure(sample: int) -> int:
    return sample


@app.task(base=Singleton, lock_expiry=60)
def weigh(sample: int) -> int:
    return sample
