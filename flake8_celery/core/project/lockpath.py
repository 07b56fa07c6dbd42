"""Where the contract lock is: the only part that a run without one pays for."""

from __future__ import annotations

import os
from typing import Final

from flake8_celery.core.project.files import current_files, look
from flake8_celery.notes import Slot
from flake8_celery.options import Options

LOCK_NAME: Final = "celery-tasks.lock"
_FOLDERS: Final[Slot[dict[str, tuple[object, bool, bool]]]] = Slot(dict)
"""Each folder that was looked at: as it was, whether it holds a lock, whether it is the last."""


def find_lock(folder: str) -> str | None:
    """The nearest lock at or above a folder, up to the repository's own; None where there is none.

    Asked of every file that is linted: a folder is searched again only if it has changed.
    """
    folders = _FOLDERS.of(current_files().notes)
    here = os.path.abspath(folder)
    while True:
        now = look(here)
        known = folders.get(here)
        if known is None or known[0] != now:
            holds = os.path.lexists(os.path.join(here, LOCK_NAME))
            last = os.path.dirname(here) == here or os.path.exists(os.path.join(here, ".git"))
            known = folders[here] = now, holds, last
        if known[1]:
            return os.path.join(here, LOCK_NAME)
        if known[2]:
            return None
        here = os.path.dirname(here)


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
