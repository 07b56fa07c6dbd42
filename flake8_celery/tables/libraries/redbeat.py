"""celery-redbeat: the schedule in Redis."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Database, Library, Scheduler

_PARAMETERS: Final = ("name", "task", "schedule", "args", "kwargs", "enabled", "options")

LIBRARY: Final = Library(
    "celery-redbeat",
    "2.4.2",
    schedulers=(
        Scheduler(
            ("redbeat.RedBeatScheduler", "redbeat.schedulers.RedBeatScheduler"),
            "RedBeatScheduler",
            keys=frozenset({"enabled", "relative", "last_run_at", "total_run_count"}),
            unknown="the entry is not written, and the task is never sent",
            refused=frozenset({"solar"}),
        ),
    ),
    models=(
        Database(
            (
                "redbeat.RedBeatSchedulerEntry",
                "redbeat.schedulers.RedBeatSchedulerEntry",
            ),
            "entry",
            parameters=_PARAMETERS,
            keywords=frozenset(
                {*_PARAMETERS, "last_run_at", "total_run_count", "relative", "app"}
            ),
            is_model=False,
        ),
    ),
    settings=frozenset(
        {
            *("redbeat_redis_url", "redbeat_redis_use_ssl", "redbeat_redis_options"),
            *("redbeat_key_prefix", "redbeat_lock_key", "redbeat_lock_timeout"),
        }
    ),
)
