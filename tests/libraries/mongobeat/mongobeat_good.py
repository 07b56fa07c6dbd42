"""The schedule in MongoDB, by celery-mongobeat."""
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "celery_mongobeat.beat.MongoScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "max_run_count": 3, "enabled": True},
}
