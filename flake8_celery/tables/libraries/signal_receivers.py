"""celery-signal-receivers: Django's signals handled by tasks; the name stays the function."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Foreign, Library

LIBRARY: Final = Library(
    "celery-signal-receivers",
    "0.4.0",
    foreign=(
        Foreign(
            ("celery_signals.receiver_task", "celery_signals.receivers.receiver_task"),
            "the plain function that receiver_task gives back",
            "send the signal",
        ),
    ),
)
