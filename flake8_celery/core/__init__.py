"""From Python source to Celery facts. Imports no linter and no Celery."""
