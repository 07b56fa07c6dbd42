"""Other task queues, whose tasks are no tasks of Celery's."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Foreign, Library

LIBRARY: Final = Library(
    "dramatiq, taskiq, procrastinate",
    "2.2, 0.13, 3.10",
    foreign=(
        Foreign(
            ("dramatiq.actor", "dramatiq.actor.actor"),
            "an actor of dramatiq",
            "send(...) or send_with_options(...)",
        ),
        Foreign(
            ("taskiq.*.task", "taskiq_redis.*.task"),
            "a task of taskiq",
            "kiq(...)",
        ),
        Foreign(
            ("procrastinate.*.task",),
            "a task of procrastinate",
            "defer(...) or configure(...)",
        ),
    ),
)
