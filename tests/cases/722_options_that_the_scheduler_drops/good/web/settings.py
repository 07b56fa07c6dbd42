"""Settings of the web site."""
SECRET_KEY = "x"
INSTALLED_APPS = ["django_celery_beat", "web"]
CELERY_BROKER_URL = "redis://localhost:6379/0"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "web.tasks.sweep",
        "schedule": 60,
        "options": {"expire_seconds": 50},
    },
    "tick": {"task": "web.tasks.sweep", "schedule": 2},
}
