"""Options that can't be read."""

from celery import shared_task as job

DEFAULTS = {"bind": True, "queue": "slow"}


@job(**DEFAULTS)
def slow(self, url):
    return self.request.id, url


@job(bind=True)
def quick(self, url):  # gone: unused-argument
    return url


quick("a")  # gone: no-value-for-parameter
print(slow.anything)
