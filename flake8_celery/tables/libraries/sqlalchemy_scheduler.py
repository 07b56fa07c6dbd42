"""celery-sqlalchemy-scheduler: the schedule in a database, for SQLAlchemy below 2."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, Scheduler

LIBRARY: Final = Library(
    "celery-sqlalchemy-scheduler",
    "0.3.0",
    schedulers=(
        Scheduler(
            ("celery_sqlalchemy_scheduler.schedulers.DatabaseScheduler",),
            "DatabaseScheduler",
            keys=frozenset(
                {
                    *("enabled", "one_off", "description", "start_time", "last_run_at"),
                    *("total_run_count", "queue", "exchange", "routing_key", "priority"),
                    *("expires", "relative"),
                }
            ),
            unknown="",
            options=frozenset({"queue", "exchange", "routing_key", "priority", "one_off"}),
            hints={
                "expires": "it is ONE moment after beat's start, and later messages are sent "
                "expired: give it on the task"
            },
            whole_seconds=True,
        ),
    ),
)
