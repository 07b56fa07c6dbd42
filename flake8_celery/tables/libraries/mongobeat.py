"""celery-mongobeat: the schedule in MongoDB."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, Scheduler

LIBRARY: Final = Library(
    "celery-mongobeat",
    "0.2.0",
    schedulers=(
        Scheduler(
            ("celery_mongobeat.beat.MongoScheduler", "celery_mongobeat.MongoScheduler"),
            "MongoScheduler",
            keys=frozenset(
                {
                    *("enabled", "max_run_count", "start_after", "run_immediately"),
                    *("description", "display_name", "last_run_at", "total_run_count"),
                }
            ),
            unknown="it is dropped without a word",
        ),
    ),
)
