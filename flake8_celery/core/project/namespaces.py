"""Packages in folders without `__init__.py` (PEP 420): which of these belong to a module's name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.roots import INSTALLED, root_of
from flake8_celery.notes import Slot

#: Folders that stand on the path of imports themselves.
_NEVER: Final = ("src", "lib", *INSTALLED)
MAX_ASKED: Final = 20


def whole_name(path: str, top: str, package: str) -> str:
    """The package of the file `path` with the namespace that it lies in, if its code says one.

    `top` is the folder that holds the topmost package. The folders between it and the project's
    root are a namespace (`swh/lister/tasks.py` is `swh.lister.tasks`) or just stand on the path of
    imports (`backend/shop/tasks.py` is `shop.tasks`): what the file and those around it import
    decides, and without a word of it they are no namespace. Found once for the files of a folder.
    """
    known = _NAMES.of(current_files().notes)
    key = os.path.dirname(path), top, package
    if key not in known:
        known[key] = _whole_name(path, top, package)
    return known[key]


_NAMES: Final[Slot[dict[tuple[str, str, str], str]]] = Slot(dict)


def _whole_name(path: str, top: str, package: str) -> str:
    root = root_of(top)
    if not package or root is None or not top.startswith(root + os.sep):
        return package
    outer = os.path.relpath(top, root).split(os.sep)
    for name in _NEVER:
        if name in outer:
            outer = outer[len(outer) - outer[::-1].index(name) :]
    if not outer or not all(name.isidentifier() for name in outer):
        return package
    first = package.partition(".")[0]
    possible = [".".join(outer[start:]) for start in range(len(outer))]
    outside = "|".join(map(re.escape, possible))
    asked = re.compile(
        rf"(?m)^[ \t]*(?:from|import)\s+(?:({outside})\.)?{first}(?:[.\s,]|$)",
    )
    files = current_files()
    for one in _around(path, top):
        found = asked.search(files.text(one))
        if found is not None:
            return f"{found[1]}.{package}" if found[1] else package
    return package


def _around(path: str, top: str) -> Iterator[str]:
    """The file, those beside it, and those of the packages around, below `top`."""
    yield path
    folder = os.path.dirname(path)
    while folder.startswith(top + os.sep):
        for name in current_files().modules_in(folder)[:MAX_ASKED]:
            yield os.path.join(folder, name)
        folder = os.path.dirname(folder)
