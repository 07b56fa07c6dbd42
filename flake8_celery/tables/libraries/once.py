"""celery-once: one message of a kind at a time, by a lock that is taken where it is sent."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, Table, TaskBase

LIBRARY: Final = Library(
    "celery-once",
    "3.0.1",
    bases=(
        TaskBase(
            ("celery_once.QueueOnce", "celery_once.tasks.QueueOnce"),
            options=frozenset({"once"}),
            tables={
                "once": Table(
                    frozenset({"graceful", "unlock_before_run", "timeout", "keys"}),
                    calls=frozenset({"graceful", "timeout"}),
                    parameters="keys",
                )
            },
            adds=frozenset(
                {
                    *("config", "once_config", "once_backend", "default_timeout"),
                    *("unlock_before_run", "get_key"),
                }
            ),
            positional=2,
            hooks=frozenset({"after_return"}),
            settings=("ONCE", "CELERY_ONCE"),
        ),
    ),
)
