"""django-beat-periodic: a decorator that makes a task and its row in the schedule."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library

LIBRARY: Final = Library(
    "django-beat-periodic",
    "0.6.0",
    makes=frozenset({"django_beat_periodic.decorators.periodic_task"}),
)
