"""celery-longterm-scheduler: messages with an eta wait in a store of its own."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, TaskBase

LIBRARY: Final = Library(
    "celery-longterm-scheduler",
    "1.3.1",
    bases=(
        TaskBase(
            ("celery_longterm_scheduler.Task", "celery_longterm_scheduler.task.Task"),
            keeps_eta=True,
        ),
    ),
)
