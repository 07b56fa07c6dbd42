"""Where the contract lock is: the only part that a run without one pays for."""

from __future__ import annotations

import os
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.notes import Slot
from flake8_celery.options import Options

LOCK_NAME: Final = "celery-tasks.lock"
_LOCKS: Final[Slot[dict[str, str | None]]] = Slot(dict)
"""The lock that holds at each folder that was looked at."""


def find_lock(folder: str) -> str | None:
    """The nearest lock at or above a folder, up to the repository's own; None where there is none.

    Each folder is looked at once.
    """
    locks = _LOCKS.of(current_files().notes)
    known = locks.get(folder, "")
    if known != "":
        return known
    start = os.path.abspath(folder)
    passed = [folder]
    found: str | None = None
    here = start
    while True:
        known = locks.get(here, "")
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
        locks[each] = found
    return found


def lock_for(filename: str, options: Options) -> str | None:
    """The lock that speaks for a file: the one that `celery-lock` names, else the nearest."""
    given = options.celery_lock
    if given:
        return os.path.join(options.root, given) if options.root else os.path.abspath(given)
    return find_lock(os.path.dirname(filename))


def is_no_file(filename: str) -> bool:
    """Tell whether a linter's name for a file means text from a pipe."""
    return filename in ("stdin", "-", "<stdin>", "")


def may_be_deployed(relative: str | None) -> bool:
    """Tell whether `lock` takes in a file, given from the lock's folder: tests it does not."""
    if relative is None or relative.startswith(".."):
        return False
    *folders, name = relative.replace(os.sep, "/").split("/")
    if any(folder in ("tests", "test") or folder.startswith(".") for folder in folders):
        return False
    return not (
        name.startswith("test_") or name.endswith("_test.py") or name in ("tests.py", "conftest.py")
    )
