"""Is a file looked at at all? All that a file without Celery pays for."""

from __future__ import annotations

import os

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.lockpath import lock_for
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.options import Options


def concerns(text: str, filename: str, options: Options) -> bool:
    """Tell whether a file is looked at: it passes the gate, or held tasks that may be gone now."""
    if passes_gate(text, filename, options.extra_needles):
        begin(filename)
        return True
    if not compares(filename, options):
        return False
    begin(filename)
    # what is deployed takes long to load: only who compares with it needs it
    from flake8_celery.core.deployed.baseline import speaks_of

    return speaks_of(filename, options)


def compares(filename: str, options: Options) -> bool:
    """Tell whether there is something deployed to compare a file with."""
    return bool(options.celery_against) or lock_for(filename, options) is not None


def begin(filename: str) -> None:
    """Tell the disk that another file is linted: what has changed there is read anew."""
    folder = os.path.dirname(os.path.abspath(filename))
    current_files().begin(root_of(folder) or folder)
