"""celery-once-task: a lock while a message waits, and one while its task runs."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, TaskBase

LIBRARY: Final = Library(
    "celery-once-task",
    "1.0.0",
    bases=(
        TaskBase(
            ("celery_once_task.OnceTask", "celery_once_task.task.OnceTask"),
            options=frozenset(
                {"queue_lock", "running_lock", "queue_lock_timeout", "running_lock_timeout"}
            ),
            hooks=frozenset({"before_start", "after_return"}),
        ),
    ),
)
