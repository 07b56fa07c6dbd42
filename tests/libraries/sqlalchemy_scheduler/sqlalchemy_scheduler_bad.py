"""The schedule in a database, by celery-sqlalchemy-scheduler, each line wrong."""
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "celery_sqlalchemy_scheduler.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "options": {"expires": 15}},  # CEL722
    "poll": {"task": "shop.poll", "schedule": 0.5},  # CEL722
}
