"""Where the contract lock is: the only part that a run without one pays for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flake8_celery.options import Options

LOCK_NAME: Final = "celery-tasks.lock"

_locks: dict[str, str | None] = {}


def clear() -> None:
    """Forget what was found; for tests."""
    _locks.clear()


def find_lock(folder: str) -> str | None:
    """The nearest lock at or above a folder, up to the repository's own; None where there is none.

    Each folder is looked at once a process.
    """
    known = _locks.get(folder, "")
    if known != "":
        return known
    start = os.path.abspath(folder)
    passed = [folder]
    found: str | None = None
    here = start
    while True:
        known = _locks.get(here, "")
        if known != "":
            found = known
            break
        passed.append(here)
        path = os.path.join(here, LOCK_NAME)
        if os.path.lexists(path):
            found = path
            break
        above = os.path.dirname(here)
        if above == here or os.path.exists(os.path.join(here, ".git")):
            break
        here = above
    for each in passed:
        _locks[each] = found
    return found


def lock_for(filename: str, options: Options) -> str | None:
    """The lock that speaks for a file: the one that `celery-lock` names, else the nearest."""
    given = options.celery_lock
    if given:
        return os.path.join(options.root, given) if options.root else os.path.abspath(given)
    return find_lock(os.path.dirname(filename))
