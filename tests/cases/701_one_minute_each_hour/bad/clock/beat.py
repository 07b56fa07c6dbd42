"""When what is done."""
from celery import Celery
from celery.schedules import crontab
from django_celery_beat.models import CrontabSchedule

app = Celery("clock", broker="redis://localhost:6379/0")
app.conf.beat_schedule = {
    "weekly": {"task": "clock.beat.weekly", "schedule": crontab(minute=30, day_of_week="mon")},
    "monthly": {"task": "clock.beat.weekly", "schedule": crontab(day_of_month=1, minute="0")},
    "daily": {"task": "clock.beat.weekly", "schedule": crontab(hour="6,18")},
}


@app.task
def weekly() -> None:
    """Does it."""


@app.on_after_configure.connect
def more(sender, **kwargs) -> None:
    sender.add_periodic_task(crontab(hour=4, day_of_week="sun"), weekly.s())


def stored() -> None:
    CrontabSchedule.objects.create(minute="0", day_of_week="1")
    CrontabSchedule(hour="3").save()
