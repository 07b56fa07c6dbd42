"""The schedule in MongoDB, by celery-mongobeat, each line wrong."""
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "celery_mongobeat.beat.MongoScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "max_runs_count": 3},  # CEL722
    "count": {"task": "shop.count", "schedule": 60.0, "queue": "slow"},  # CEL722
}
