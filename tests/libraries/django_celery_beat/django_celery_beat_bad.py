"""The schedule in Django's database, by django-celery-beat, each line wrong."""
import json

from celery import Celery
from django_celery_beat import models
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "options": {"expires": 50}},  # CEL722
    "count": {"task": "shop.count", "schedule": 60.0, "options": {"time_limit": 5}},  # CEL722
    "clean": {"task": "shop.clean", "schedule": 60.0, "enable": False},  # CEL722
    "mail": {"task": "shop.mail", "schedule": 60.0, "queue": "slow"},  # CEL722
    "poll": {"task": "shop.poll", "schedule": 0.5},  # CEL722
    "back": {"task": "shop.back", "schedul": 60.0},  # CEL722
}


@app.task(name="shop.remind")
def remind(pk, text=""): ...


def schedules():
    CrontabSchedule.objects.create(hour="3")  # CEL701
    CrontabSchedule.objects.get_or_create(minute="0", day_of_week="1")  # CEL701
    CrontabSchedule(minute="0", hour="25")  # CEL702
    models.CrontabSchedule.objects.create(minute=0, hour=0, day_of_month=31, month_of_year=2)  # CEL702
    IntervalSchedule.objects.create(every=0, period="hours")  # CEL720
    IntervalSchedule.objects.get_or_create(every=1, perod="hours")  # CEL720
    return IntervalSchedule.objects.create(every=1, period="minute")  # CEL720


def plan(order):
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period="minutes")
    at, _ = CrontabSchedule.objects.get_or_create(minute="0", hour="7")
    once = ClockedSchedule.objects.create(clocked_time=order.moment)
    PeriodicTask.objects.create(name="a", task="shop.remind", interval=every, crontab=at)  # CEL720 CEL720
    PeriodicTask.objects.create(name="b", task="shop.count")  # CEL720
    PeriodicTask.objects.create(name="c", task="shop.count", clocked=once)  # CEL720
    PeriodicTask.objects.create(name="d", task="shop.count", crontab=every)  # CEL720
    PeriodicTask.objects.create(name="e", task="shop.count", interval=every, expires=60)  # CEL720
    PeriodicTask.objects.create(name="f", task="shop.count", interval=every, args=["all"])  # CEL720
    PeriodicTask.objects.create(name="g", task="shop.count", interval=every, args="[1,")  # CEL720
    PeriodicTask.objects.create(name="h", task="shop.count", interval=every, kwargs="[1]")  # CEL720
    PeriodicTask.objects.create(name="i", task="shop.remidn", interval=every)  # CEL720
    PeriodicTask.objects.create(name="j", task=remind, interval=every)  # CEL720
    PeriodicTask.objects.create(
        name="k", task="shop.remind", interval=every, kwargs=json.dumps({"key": 1})  # CEL720
    )
    entry = PeriodicTask.objects.get(name="a")
    entry.kwargs = {"pk": order.pk}  # CEL720
    entry.save()


def switch(name):
    found = PeriodicTask.objects.filter(name=name)
    found.update(enabled=False)  # CEL721
    PeriodicTask.objects.bulk_update(list(found), ["enabled"])  # CEL721
    PeriodicTasks.changed()  # CEL721
