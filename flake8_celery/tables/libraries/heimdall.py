"""celery-heimdall: locks and rate limits over all workers."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, Table, TaskBase

LIBRARY: Final = Library(
    "celery-heimdall",
    "1.0.1",
    bases=(
        TaskBase(
            ("celery_heimdall.HeimdallTask", "celery_heimdall.task.HeimdallTask"),
            options=frozenset({"heimdall"}),
            tables={
                "heimdall": Table(
                    frozenset(
                        {
                            *("unique", "unique_timeout", "unique_raises"),
                            *("unique_wait_for_expiry", "unique_lock_timeout"),
                            *("unique_lock_blocking", "lock_prefix", "rate_limit_prefix"),
                            *("key", "rate_limit", "times", "per"),
                        }
                    )
                )
            },
            adds=frozenset({"heimdall_config", "heimdall_redis", "setup_redis", "only_after"}),
            retries="the task still holds its own lock, and the retry is a duplicate",
            hooks=frozenset({"after_return"}),
            retries_if=("heimdall", "unique"),
        ),
    ),
    settings=frozenset(
        {
            *("heimdall_unique_timeout", "heimdall_unique_raises", "heimdall_lock_prefix"),
            *("heimdall_unique_lock_timeout", "heimdall_unique_lock_blocking"),
            "heimdall_rate_limit_prefix",
        }
    ),
)
