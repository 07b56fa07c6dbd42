"""A project's root, and the package that a folder belongs to."""

from __future__ import annotations

import os
import re
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
WEAK_MARKERS: Final = (
    "requirements.txt",
    "Pipfile",
    "poetry.lock",
    "uv.lock",
    "Dockerfile",
    "docker-compose.yml",
)
"""Marks that a folder of a larger project may hold too: they count where there is no other."""
_STARTS: Final = ("pyproject.toml", ".git")
"""A folder with one of these is on the path of imports, and no package, whatever else it holds."""
APP_FILES: Final = ("celery.py", "celery_app.py", "celeryapp.py", "celery_config.py", "worker.py")
INSTALLED: Final = ("site-packages", "dist-packages")
_NO_PACKAGES: Final = ("src", "lib", *INSTALLED)
"""Folders that stand on sys.path wherever they lie."""
SETTINGS_FILES: Final = ("wsgi.py", "asgi.py", *APP_FILES)


def root_of(folder: str) -> str | None:
    """The nearest folder at or above `folder` that holds a project file, or None.

    Where none does, the folder that the linter runs in, if it lies at or above.
    """
    files = current_files()
    if folder not in files.roots:
        files.roots[folder] = _marked(folder, MARKERS) or _marked(folder, WEAK_MARKERS)
    return files.roots[folder] or _run_in(folder)


def _marked(folder: str, marks: tuple[str, ...]) -> str | None:
    files = current_files()
    here = folder
    while True:
        if any(files.exists(os.path.join(here, mark)) for mark in marks):
            return here
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def _run_in(folder: str) -> str | None:
    """The current folder, if a file below it is linted and it may be a project at all."""
    try:
        here = os.getcwd()
    except OSError:
        return None
    if os.path.dirname(here) == here or here == os.path.expanduser("~"):
        return None
    return here if folder == here or folder.startswith(here + os.sep) else None


def _is_start(folder: str, name: str) -> bool:
    """Whether a root is on the path of imports; manage.py may lie in a package that it names."""
    files = current_files()
    if any(files.exists(os.path.join(folder, mark)) for mark in _STARTS):
        return True
    path = os.path.join(folder, "manage.py")
    if not files.is_file(path):
        return False
    files.watch(path)
    try:
        text = files.read(path).decode("utf-8", "replace")
    except OSError:
        return False
    return (
        re.search(rf"\b(?:from|import)\s+{re.escape(name)}\b|[\"']{re.escape(name)}\.", text)
        is None
    )


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
            if here == root and _is_start(here, name):
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
