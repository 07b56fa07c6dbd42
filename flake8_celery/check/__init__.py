"""The adapter that needs no linter: files in, reports out, as `flake8-celery check` prints them."""
