"""The schedule in a database, by celery-sqlalchemy-scheduler."""
from celery import Celery

app = Celery("shop", broker="redis://localhost:6379/0")
app.conf.beat_scheduler = "celery_sqlalchemy_scheduler.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "options": {"queue": "slow"}},
}
