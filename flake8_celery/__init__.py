"""flake8 plugin that finds what breaks Celery in production."""

__version__ = "0.1.0"
