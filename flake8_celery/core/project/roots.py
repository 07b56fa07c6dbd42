"""A project's root, and the package that a folder belongs to."""

from __future__ import annotations

import os
from typing import Final

from flake8_celery.core.project.files import current_files

MARKERS: Final = (
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    ".flake8",
    ".git",
    "setup.py",
    "manage.py",
)
APP_FILES: Final = ("celery.py", "celery_app.py", "celeryapp.py", "celery_config.py", "worker.py")
INSTALLED: Final = ("site-packages", "dist-packages")
_NO_PACKAGES: Final = ("src", "lib", *INSTALLED)
"""Folders that stand on sys.path wherever they lie."""
SETTINGS_FILES: Final = ("wsgi.py", "asgi.py", *APP_FILES)


def root_of(folder: str) -> str | None:
    """The nearest folder at or above `folder` that holds a project file, or None."""
    files = current_files()
    if folder in files.roots:
        return files.roots[folder]
    here = folder
    found: str | None = None
    while True:
        if any(files.exists(os.path.join(here, marker)) for marker in MARKERS):
            found = here
            break
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    files.roots[folder] = found
    return found


def package_of(folder: str) -> tuple[str, str]:
    """The folder above the topmost package that holds `folder`, and the dotted package name.

    A folder without `__init__.py` that lies inside a package of the same project belongs to it.
    """
    files = current_files()
    known = files.tops.get(folder)
    if known is None:
        parts: list[str] = []
        top = here = folder
        taken = 0
        root = root_of(folder)
        while True:
            above, name = os.path.split(here)
            if not name or above == here:
                break
            if files.is_file(os.path.join(here, "__init__.py")):
                parts.append(name)
                top, taken = above, len(parts)
            elif root is None or here == root or not here.startswith(root) or name in _NO_PACKAGES:
                break
            else:
                parts.append(name)
            here = above
        known = files.tops[folder] = (top, ".".join(reversed(parts[:taken])))
    return known
