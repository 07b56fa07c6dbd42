SECRET_KEY = "x"
INSTALLED_APPS = ["eager"]
CELERY_BROKER_URL = "redis://localhost:6379/0"
CELERYBEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_RESULT_EXPIRES = 3600
