"""One import of a feed at a time, by celery-singleton."""
from celery import Celery
from celery_singleton import Singleton

app = Celery("feeds", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")
app.conf.singleton_backend_url = "redis://localhost:6379/2"
app.conf.singleton_lock_expiry = 3600


class Counted(Singleton):
    def on_failure(self, exc, task_id, args, kwargs, einfo):
        print(exc)
        super().on_failure(exc, task_id, args, kwargs, einfo)


@app.task(base=Singleton, unique_on=["feed_id"], lock_expiry=600, raise_on_duplicate=True)
def read(feed_id, since=None): ...


@app.task(base=Counted, unique_on="feed_id")
def drop(feed_id): ...


def later(feed, since):
    read.delay(feed.pk, since=since.isoformat())
    read.apply_async((feed.pk,), countdown=5, expires=60)
    drop.delay(feed.pk)
