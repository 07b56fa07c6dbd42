"""The schedule in Redis, by celery-redbeat, each line wrong."""
from celery import Celery
from celery.schedules import schedule
from redbeat import RedBeatSchedulerEntry

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.redbeat_redis_ulr = "redis://localhost:6379/1"  # CEL927
app.conf.beat_scheduler = "redbeat.RedBeatScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "queue": "slow"},  # CEL722
}


@app.task(name="shop.remind")
def remind(pk, text=""): ...


def plan(pk):
    RedBeatSchedulerEntry("a", "shop.remind", schedule(60), [pk]).save()  # CEL720
    RedBeatSchedulerEntry("b", "shop.remind", "0 3 * * *", [pk], app=app).save()  # CEL720
    RedBeatSchedulerEntry("c", "shop.remidn", schedule(60), [pk], app=app).save()  # CEL720
    RedBeatSchedulerEntry("d", remind, schedule(60), [pk], app=app).save()  # CEL720
    RedBeatSchedulerEntry("e", "shop.remind", schedule(60), [pk], app=app, queue="q").save()  # CEL720
    RedBeatSchedulerEntry("f", "shop.remind", schedule(60), app=app).save()  # CEL720
    entry = RedBeatSchedulerEntry("g", "shop.remind", schedule(60), [pk], app=app)  # CEL720
    print("planned", pk)
