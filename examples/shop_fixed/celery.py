"""The shop's Celery application, its queues and its schedule."""

from celery import Celery
from celery.schedules import crontab
from kombu import Exchange, Queue

app = Celery("shop", broker="redis://localhost/0")

app.conf.task_queues = (
    Queue("orders", Exchange("orders"), routing_key="orders"),
    Queue("mail", Exchange("mail"), routing_key="mail"),
)
app.conf.task_routes = {
    "shop_fixed.mail.*": {"queue": "mail"},
    "shop_fixed.tasks.charge": {"queue": "orders"},
}
app.conf.beat_schedule = {
    # every night at three
    "nightly-report": {
        "task": "shop_fixed.tasks.report",
        "schedule": crontab(hour=3, minute=0),
        "args": ("today",),
    },
    # every Sunday
    "weekly-cleanup": {
        "task": "shop_fixed.tasks.clean_up",
        "schedule": crontab(minute=0, hour=4, day_of_week=0),
    },
    "remind": {
        "task": "shop_fixed.mail.remind_all",
        "schedule": 600.0,
        "args": ("soon",),
    },
}
# longer than the longest countdown, or Redis delivers its message again
app.conf.broker_transport_options = {"visibility_timeout": 3 * 86400}
