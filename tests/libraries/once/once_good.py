"""Mails that are queued once, by celery-once."""
from celery import Celery
from celery_once import QueueOnce

app = Celery("mail", broker="redis://localhost:6379/0")
app.conf.ONCE = {
    "backend": "celery_once.backends.Redis",
    "settings": {"url": "redis://localhost:6379/1", "default_timeout": 3600},
}


class Quiet(QueueOnce):
    """Says nothing of a mail that is queued already."""

    once = {"graceful": True}

    def after_return(self, status, retval, task_id, args, kwargs, einfo):
        super().after_return(status, retval, task_id, args, kwargs, einfo)


@app.task(base=QueueOnce, once={"keys": ["user_id"], "timeout": 60}, max_retries=3, bind=True)
def remind(self, user_id, text=""):
    try:
        print(user_id, text)
    except OSError as error:
        raise self.retry(exc=error, countdown=30)


@app.task(base=Quiet)
def greet(user_id): ...


def later(user_id):
    remind.delay(user_id, text="soon")
    remind.apply_async((user_id,), once={"graceful": True, "timeout": 10}, countdown=60)
    greet.delay(user_id)
    greet.get_key((user_id,), {})
