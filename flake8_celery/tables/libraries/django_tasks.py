"""Django's own tasks (`django.tasks`, since Django 6) and the package that came before them."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Foreign, Library

LIBRARY: Final = Library(
    "django",
    "6.0",
    foreign=(
        Foreign(
            ("django.tasks.task", "django.tasks.base.task", "django_tasks.task"),
            "a task of Django's own",
            "enqueue(...)",
        ),
    ),
)
