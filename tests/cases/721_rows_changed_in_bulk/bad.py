"""Pauses all plans of a customer."""
from django_celery_beat import models
from django_celery_beat.models import PeriodicTask, PeriodicTasks


def pause(rows) -> None:
    for row in rows:
        row.enabled = False
    PeriodicTask.objects.bulk_update(rows, ["enabled"])
    models.PeriodicTask.objects.exclude(name="a").update(enabled=True)


def tell() -> None:
    PeriodicTasks.changed()


def new(rows) -> None:
    PeriodicTask.objects.bulk_create(rows)
