"""The schedule in Redis, by celery-redbeat."""
from celery import Celery
from celery.schedules import crontab, schedule
from redbeat import RedBeatSchedulerEntry

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.redbeat_redis_url = "redis://localhost:6379/1"
app.conf.redbeat_lock_timeout = 60
app.conf.beat_scheduler = "redbeat.RedBeatScheduler"
app.conf.beat_schedule = {
    "sweep": {
        "task": "shop.sweep",
        "schedule": 60.0,
        "enabled": True,
        "options": {"expires": 50, "queue": "slow"},
    },
}


@app.task(name="shop.remind")
def remind(pk, text=""): ...


def plan(pk):
    entry = RedBeatSchedulerEntry(
        f"remind-{pk}", "shop.remind", schedule(60), args=[pk], app=app, options={"queue": "slow"}
    )
    entry.save()
    RedBeatSchedulerEntry("daily", remind.name, crontab(minute=0, hour=3), [pk], app=app).save()
    key = RedBeatSchedulerEntry("daily", "shop.remind", schedule(60), [pk], app=app).key
    RedBeatSchedulerEntry.from_key(key, app=app).delete()
