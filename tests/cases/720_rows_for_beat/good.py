"""Plans that people make."""
import json

from django_celery_beat.models import ClockedSchedule, IntervalSchedule, PeriodicTask


def plan(pk: int, when) -> None:
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period=IntervalSchedule.MINUTES)
    PeriodicTask.objects.update_or_create(
        name=f"plan {pk}",
        defaults={"task": "plans.remind", "interval": every, "args": json.dumps([pk])},
    )
    PeriodicTask(name="x", task="plans.remind", interval=every, kwargs='{"a": 1}').save()
    at = ClockedSchedule.objects.create(clocked_time=when)
    PeriodicTask.objects.create(name="once", task="plans.remind", clocked=at, one_off=True)
    row = PeriodicTask.objects.get(name="once")
    row.kwargs = json.dumps({"pk": pk})
    row.save()
