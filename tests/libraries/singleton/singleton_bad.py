"""One import of a feed at a time, by celery-singleton, each line wrong."""
import datetime

from celery import Celery
from celery_singleton import Singleton

app = Celery("feeds", broker="redis://localhost:6379/0", backend="redis://localhost:6379/1")
app.conf.singleton_lock_expiery = 3600  # CEL927


class Counted(Singleton):
    def on_success(self, retval, task_id, args, kwargs):  # CEL927
        print(retval)


@app.task(base=Singleton, autoretry_for=(OSError,))  # CEL927
def read(feed_id, since=None): ...


@app.task(base=Counted, uniqe_on=["feed_id"])  # CEL927
def drop(feed_id): ...


@app.task(base=Singleton, unique_on=["feed"], bind=True, max_retires=2)  # CEL903 CEL927
def move(self, feed_id):
    try:
        print(feed_id)
    except OSError as error:
        raise self.retry(exc=error)  # CEL927


def later(feed):
    read.delay()  # CEL401
    read.delay(feed.pk, datetime.date.today())  # CEL927
    read.dealy(feed.pk)  # CEL917
    drop.apply_async((feed.pk,), coutdown=5)  # CEL404
