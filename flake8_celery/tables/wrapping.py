"""Decorators that return a plain function, whatever they are put on; kept by hand.

Each was put above a task decorator and looked at: what it returns has no `delay`.
"""

from __future__ import annotations

from typing import Final

#: By dotted name; most are called first (`@atomic()`), some may be.
RETURN_FUNCTIONS: Final = frozenset(
    [
        *("django.db.transaction.atomic", "django.db.atomic"),
        *("django.test.override_settings", "django.test.utils.override_settings"),
        *("django.utils.timezone.override", "django.utils.translation.override"),
        "django.views.decorators.csrf.csrf_exempt",
        *("functools.cache", "functools.lru_cache"),
        *("asgiref.sync.async_to_sync", "asgiref.sync.sync_to_async"),
        *("unittest.mock.patch", "unittest.mock.patch.object", "unittest.mock.patch.dict"),
        *("sentry_sdk.crons.monitor", "sentry_sdk.monitor", "sentry_sdk.trace"),
        "sentry_sdk.crons.decorator.monitor",
        *("tenacity.retry", "backoff.on_exception", "backoff.on_predicate", "retrying.retry"),
        "freezegun.freeze_time",
    ]
)
