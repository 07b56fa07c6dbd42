"""Can a file hold anything about Celery? Asked of every file, in microseconds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

# A file that holds none of these has nothing for us. Each `in` test costs about 0.01 of one
# `ast.walk`; one regular expression with the same words costs more than all of them. No other word
# (`.si(`, `crontab`) let in one of 14,389 files that matters.
_ALONE: Final = ("elery", "ELERY", ".delay", "apply_async", "kombu", "broker_url")
# shared_task and send_task, app.task and shop.tasks: one search for what most files don't have
_OF_TASKS: Final = (".task", "d_task")
NEEDLES: Final = (*_ALONE, *_OF_TASKS)


def passes_gate(text: str, filename: str, extra: Sequence[str] = ()) -> bool:
    """Tell whether a file can hold anything about Celery.

    `text` is the whole source, `extra` holds further words to look for (from the user's options).
    A configuration module (`*celery*config*.py`) always passes: it may hold bare setting names.
    """
    for needle in _ALONE:
        if needle in text:
            return True
    if "task" in text:
        for needle in _OF_TASKS:
            if needle in text:
                return True
    for needle in extra:
        if needle in text:
            return True
    if "config" not in filename or "celery" not in filename:
        return False
    name = os.path.basename(filename)
    return "celery" in name and "config" in name
