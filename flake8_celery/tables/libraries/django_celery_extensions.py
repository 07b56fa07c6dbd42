"""django-celery-extensions: unique and stale tasks; a direct call raises."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library, TaskBase

LIBRARY: Final = Library(
    "django-celery-extensions",
    "0.0.38",
    bases=(
        TaskBase(
            ("django_celery_extensions.task.DjangoTask",),
            options=frozenset(
                {
                    *("unique", "unique_key_generator", "default_retry_delays"),
                    *("ignore_task_after_success", "ignore_task_timedelta"),
                    *("max_queue_waiting_time", "stale_time_limit", "result_wrapper_class"),
                }
            ),
            adds=frozenset(
                {
                    *("delay_on_commit", "apply_async_on_commit", "apply_async_and_get_result"),
                    *("delay_and_get_result", "is_processing"),
                }
            ),
            replaces=frozenset({"__call__", "apply", "apply_async", "retry"}),
        ),
    ),
)
