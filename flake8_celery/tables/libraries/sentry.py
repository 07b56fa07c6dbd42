"""sentry-sdk: its monitor makes a plain function of what it stands above."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library

LIBRARY: Final = Library(
    "sentry-sdk",
    "2.75.0",
    hides=frozenset({"sentry_sdk.monitor", "sentry_sdk.crons.monitor"}),
)
