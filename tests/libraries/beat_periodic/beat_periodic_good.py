"""A task and its row in the schedule, by django-beat-periodic."""
from django_beat_periodic.decorators import periodic_task


@periodic_task(interval=60, name="sweep", queue="slow", kwargs={"days": 3})
def sweep(days=1): ...


def now():
    sweep.delay(days=2)
    sweep.apply_async(countdown=5)
