from celery_singleton import Singleton

from lab.celery import Traced, app


class Mailing(Traced):
    """Tells when it failed."""

    def on_failure(self, exc, task_id, args, kwargs, einfo):
        print(exc)


class TracedOnce(Singleton, app.Task):
    """Both."""


@app.task(base=Mailing)
def measure(sample: int) -> int:
    return sample


@app.task(base=TracedOnce, lock_expiry=60)
def weigh(sample: int) -> int:
    return sample
