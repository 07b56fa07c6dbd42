"""The commands of `flake8-celery`, one module each: `register` its words, `run` it."""
