"""The end of months."""
from celery import shared_task
from celery.schedules import crontab
from django_celery_beat.models import CrontabSchedule

CELERY_BEAT_SCHEDULE = {
    "quarter": {
        "task": "close",
        "schedule": crontab(0, 0, day_of_month="30", month_of_year="4,6,9,11"),
    },
    "late": {"task": "close", "schedule": crontab(minute=0, hour=0)},
}


@shared_task(name="close")
def close():
    """Closes."""


def stored():
    CrontabSchedule.objects.get_or_create(
        minute="0", hour="0", day_of_month="29", month_of_year="2"
    )
