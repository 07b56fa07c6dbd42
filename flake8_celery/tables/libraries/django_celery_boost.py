"""django-celery-boost: a model's own tasks, sent with the object's key and version."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import REORDERED, Library, TaskBase

LIBRARY: Final = Library(
    "django-celery-boost",
    "0.9.0",
    bases=(
        TaskBase(
            ("django_celery_boost.task.TaskRunFromSignature",),
            replaces=frozenset({"apply", "apply_async"}),
            body=REORDERED,
        ),
    ),
)
