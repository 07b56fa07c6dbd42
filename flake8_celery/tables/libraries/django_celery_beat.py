"""django-celery-beat: the schedule in Django's database."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Database, Library, Scheduler

_PUT: Final = "it is dropped: put it into options"

PERIODS: Final = frozenset({"days", "hours", "minutes", "seconds", "microseconds"})
SCHEDULES: Final = ("interval", "crontab", "solar", "clocked")
JSON_FIELDS: Final = {"args": list, "kwargs": dict, "headers": dict}

_ENTRY: Final = frozenset(
    {
        *("id", "pk", "name", "task", *SCHEDULES, *(f"{name}_id" for name in SCHEDULES)),
        *("args", "kwargs", "queue", "exchange", "routing_key", "headers", "priority", "expires"),
        *("expire_seconds", "one_off", "start_time", "enabled", "last_run_at", "total_run_count"),
        *("date_changed", "description"),
    }
)
_FIELDS: Final = {
    "PeriodicTask": ("entry", _ENTRY),
    "CrontabSchedule": (
        "crontab",
        frozenset(
            {
                *("id", "pk", "minute", "hour", "day_of_week", "day_of_month", "month_of_year"),
                "timezone",
            }
        ),
    ),
    "IntervalSchedule": ("interval", frozenset({"id", "pk", "every", "period"})),
    "SolarSchedule": ("solar", frozenset({"id", "pk", "event", "latitude", "longitude"})),
    "ClockedSchedule": ("clocked", frozenset({"id", "pk", "clocked_time"})),
    "PeriodicTasks": ("changes", frozenset({"ident", "last_update"})),
}

LIBRARY: Final = Library(
    "django-celery-beat",
    "2.9.0",
    schedulers=(
        Scheduler(
            ("django_celery_beat.schedulers.DatabaseScheduler",),
            "DatabaseScheduler",
            keys=frozenset(
                {
                    *("enabled", "one_off", "description", "start_time"),
                    *("last_run_at", "total_run_count"),
                }
            ),
            unknown="the row is not written, and the task is never sent",
            lost={
                "relative": "it is dropped: rows of the database know no such thing",
                **dict.fromkeys(("queue", "exchange", "routing_key", "priority", "headers"), _PUT),
                "expire_seconds": _PUT,
            },
            options=frozenset(
                {"queue", "exchange", "routing_key", "priority", "headers", "expire_seconds"}
            ),
            hints={"expires": "write expire_seconds, a whole number"},
            whole_seconds=True,
        ),
    ),
    models=tuple(
        Database((f"django_celery_beat.models.{name}",), kind, keywords=fields)
        for name, (kind, fields) in _FIELDS.items()
    ),
)
