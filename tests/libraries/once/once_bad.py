"""Mails that are queued once, by celery-once, each line wrong."""
from celery import Celery
from celery_once import QueueOnce
from celery_once.tasks import QueueOnce as Once

app = Celery("mail", broker="redis://localhost:6379/0")


@app.task(base=QueueOnce, max_retires=3)  # CEL903 CEL927
def remind(user_id, text=""): ...


@app.task(base=Once, once={"gracefull": True}, timeout=60)  # CEL927 CEL927 CEL927
def greet(user_id): ...


class Counted(QueueOnce):
    def after_return(self, status, retval, task_id, args, kwargs, einfo):  # CEL927
        print(status)


@app.task(base=Counted, once={"keys": ["user"], "unlock_before_run": True})  # CEL927 CEL927
def count(user_id, day=None): ...


@app.task(base=Counted, once={"keys": ["user_id", "day"]})  # CEL927
def close(user_id, day=None): ...


def later(user_id):
    remind.delay()  # CEL401
    remind.dealy(user_id)  # CEL917
    remind.apply_async((user_id,), coutdown=60)  # CEL404
    remind.apply_async((user_id,), once={"keys": ["user_id"]})  # CEL927
    remind.apply_async((user_id,), {}, "id-1")  # CEL927
    close.delay(user_id)  # CEL927
