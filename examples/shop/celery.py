"""The shop's Celery application, its queues and its schedule."""

from celery import Celery
from celery.schedules import crontab
from kombu import Exchange, Queue

app = Celery("shop", broker="redis://localhost/0")

app.conf.task_queues = (
    Queue("orders", Exchange("orders"), routing_ky="orders"),
    Queue("mail", Exchange("mail"), routing_key="mail"),
)
app.conf.task_routes = {
    "shop.mail.*": {"queue": "mail"},
    "shop.tasks.charg?": {"queue": "orders"},
}
app.conf.beat_schedule = {
    # every night at three
    "nightly-report": {
        "task": "shop.tasks.report",
        "schedule": crontab(hour=3),
    },
    # every Sunday
    "weekly-cleanup": {
        "task": "shop.tasks.clean_up",
        "schedule": crontab(minute=0, hour=4, day_of_week=7),
    },
    "remind": {
        "task": "shop.mail.remind_all",
        "schedule": 600.0,
        "args": ("soon"),
    },
}
# longer than the longest countdown, or Redis delivers its message again
app.conf.broker_transport_options = {"visibility_timeout": 3 * 86400}
