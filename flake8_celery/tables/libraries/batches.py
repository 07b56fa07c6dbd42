"""celery-batches: the function gets a list of messages, not the arguments of one."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import REQUESTS, Library, TaskBase

LIBRARY: Final = Library(
    "celery-batches",
    "0.11",
    bases=(
        TaskBase(
            ("celery_batches.Batches",),
            options=frozenset({"flush_every", "flush_interval"}),
            adds=frozenset({"Strategy", "flush"}),
            replaces=frozenset({"run", "apply", "__call__"}),
            body=REQUESTS,
            checked=False,
            retries="a batch has no message of its own to send again",
            no_options=frozenset({"expires", "link", "link_error"}),
            no_results=True,
        ),
    ),
)
