"""A task and its row in the schedule, by django-beat-periodic, each line wrong."""
from django_beat_periodic.decorators import periodic_task


@periodic_task(crontab="0 3 * * *")
def sweep(days=1): ...


def now():
    sweep.delay(1, 2)  # CEL401
    sweep.dealy()  # CEL917
    sweep.apply_async(coutdown=5)  # CEL404
