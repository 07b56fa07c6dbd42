"""What Celery accepts: plain tables, and validators that agree with Celery's own."""
