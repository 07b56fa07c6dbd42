"""What runs in production."""
CELERY_BROKER_URL = "redis://cache:6379/0"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 2 * 60 * 60
