"""celery-singleton: one message of a kind at a time, by a lock that is kept until the task ends."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, TaskBase

LIBRARY: Final = Library(
    "celery-singleton",
    "0.3.1",
    bases=(
        TaskBase(
            ("celery_singleton.Singleton", "celery_singleton.singleton.Singleton"),
            options=frozenset({"unique_on", "raise_on_duplicate", "lock_expiry"}),
            parameters="unique_on",
            adds=frozenset(
                {
                    *("singleton_config", "singleton_backend", "aquire_lock", "unlock"),
                    *("get_existing_task_id", "generate_lock", "lock_and_run"),
                    *("release_lock", "on_duplicate"),
                }
            ),
            retries="the task still holds its own lock, and the retry is a duplicate",
            plain_json=True,
            hooks=frozenset({"on_success", "on_failure"}),
        ),
    ),
    settings=frozenset(
        {
            *("singleton_backend_class", "singleton_backend_kwargs", "singleton_backend_url"),
            *("singleton_key_prefix", "singleton_raise_on_duplicate", "singleton_lock_expiry"),
        }
    ),
)
