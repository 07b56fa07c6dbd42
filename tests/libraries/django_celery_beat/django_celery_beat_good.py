"""The schedule in Django's database, by django-celery-beat."""
import json

from celery import Celery
from celery.schedules import crontab
from django.utils import timezone
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
    "sweep": {
        "task": "shop.sweep",
        "schedule": crontab(minute=0, hour=3),
        "enabled": True,
        "one_off": False,
        "options": {"queue": "slow", "expire_seconds": 60, "priority": 3},
    },
}


@app.task(name="shop.remind")
def remind(pk, text=""): ...


def sync(detail):
    interval = crontab = None
    if isinstance(detail["when"], int):
        interval = IntervalSchedule.objects.filter(every=detail["when"], period="hours").first()
        if interval is None:
            interval = IntervalSchedule.objects.create(every=detail["when"], period="hours")
    else:
        crontab = CrontabSchedule.objects.create(minute="0", hour=detail["when"])
    PeriodicTask.objects.update_or_create(
        name=detail["name"],
        defaults=dict(interval=interval, crontab=crontab, task="shop.remind", kwargs="{}"),
    )


def plan(order):
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period=IntervalSchedule.MINUTES)
    at, _ = CrontabSchedule.objects.get_or_create(minute="0", hour="7", timezone="Europe/Berlin")
    once = ClockedSchedule.objects.create(clocked_time=timezone.now())
    PeriodicTask.objects.create(
        name=f"remind-{order.pk}", task=remind.name, interval=every, args=json.dumps([order.pk])
    )
    PeriodicTask.objects.update_or_create(
        name="daily",
        defaults={"task": "shop.remind", "crontab": at, "kwargs": json.dumps({"pk": order.pk})},
    )
    PeriodicTask.objects.update_or_create(name="daily", defaults={"enabled": False})
    entry = PeriodicTask(name="once", task="shop.remind", clocked=once, one_off=True)
    entry.kwargs = json.dumps({"pk": order.pk, "text": "hi"})
    entry.expires = timezone.now()
    entry.save()
    PeriodicTask.objects.filter(name="daily").update(enabled=True)
    PeriodicTasks.update_changed()
    PeriodicTask.objects.filter(name="daily").delete()
