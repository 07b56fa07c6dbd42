"""What the texts of a project say, and whether it reads a name of its settings itself.

What it reads is no misspelling. Asked only where something is about to be reported, so the walk
over the project's files is rare.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.project.files import Files, current_files
from flake8_celery.core.project.roots import root_of
from flake8_celery.notes import Slot

MAX_FILES: Final = 2000
_SKIPPED: Final = frozenset({"node_modules", "site-packages", "venv", "env", "__pycache__"})


def reads(model: Model, name: str, setting: Collection[ast.AST]) -> bool:
    """Tell whether this module or another of the project uses a name but to set it.

    `setting` holds the nodes that set it, or settings that nobody reads either: what is in them
    does not count. A name in lower case is read from something called a configuration.
    """
    word = re.compile(rf"\b{re.escape(name)}\b")
    sets = re.compile(rf"\b{re.escape(name)}\b[\"'\]]*\s*(?::[^=]*)?=(?!=)")
    held = re.compile(rf"(?:conf|config|settings)(?:\.|\[[\"']|\.get\([\"']){re.escape(name)}\b")

    def reads_capitals(line: str) -> bool:
        # the variable of the environment that gives it is called the same
        return bool(word.search(line)) and "env" not in line.lower() and not sets.search(line)

    def reads_held(line: str) -> bool:
        return bool(held.search(line)) and not sets.search(line)

    if name.isupper():
        return _here(model, name, setting) or _elsewhere(model, name, reads_capitals)
    return any(map(reads_held, model.module.lines)) or _elsewhere(model, name, reads_held)


def _here(model: Model, name: str, setting: Collection[ast.AST]) -> bool:
    if model.module.text.count(name) < 2:
        return False  # it stands where it is set
    stack: list[ast.AST] = [model.module.tree]
    while stack:
        node = stack.pop()
        if node in setting:
            continue
        if isinstance(node, (ast.Name, ast.Attribute)):
            own = node.id if isinstance(node, ast.Name) else node.attr
            if own == name and isinstance(node.ctx, ast.Load):
                return True
        elif isinstance(node, ast.Constant) and node.value == name:
            return True
        stack += ast.iter_child_nodes(node)
    return False


def _elsewhere(model: Model, name: str, reading: Callable[[str], bool]) -> bool:
    return any(name in text and any(map(reading, text.splitlines())) for text in texts(model))


def texts(model: Model) -> Iterator[str]:
    """The text of each other Python file of the project."""
    files = current_files()
    own = model.project.path
    for path in modules_of(model) if files.is_file(own) else ():
        if path != own:
            yield files.glance(path)


_MODULES: Final[Slot[dict[str, list[str]]]] = Slot(dict)
"""The Python files below each root, which stay while no folder there changes."""


def modules_of(model: Model) -> list[str]:
    """The Python files of the project, installed packages aside."""
    files = current_files()
    root = root_of(model.project.folder)
    if root is None:
        return []
    known = _MODULES.of(files.notes)
    if root not in known:
        known[root] = list(_modules_below(root, files))
    return known[root]


def _modules_below(root: str, files: Files) -> Iterator[str]:
    left = MAX_FILES
    stack = [root]
    while stack and left > 0:
        here = stack.pop()
        for name in files.modules_in(here):
            left -= 1
            yield os.path.join(here, name)
        stack += (
            below
            for below in files.subfolders(here)
            if (last := os.path.basename(below)) not in _SKIPPED and not last.startswith(".")
        )
