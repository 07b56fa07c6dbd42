"""One at a time."""
from celery import Celery
from celery_once import QueueOnce
from celery_singleton import Singleton

app = Celery("single", broker="redis://localhost:6379/0")
app.conf.ONCE = {"backend": "celery_once.backends.Redis", "settings": {"url": "redis://localhost"}}


@app.task(base=QueueOnce, once={"gracefull": True})
def first(pk):
    return pk


@app.task(base=QueueOnce, once={"keys": ["user"]})
def second(pk):
    return pk


@app.task(base=Singleton, unique_on="user")
def third(pk):
    return pk
