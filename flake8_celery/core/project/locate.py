"""The source file of a dotted name, as seen from one module."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.roots import INSTALLED, package_of, root_of
from flake8_celery.notes import Notes
from flake8_celery.options import Options

MAX_DEPTH: Final = 12
MAX_SIBLINGS: Final = 200
MAX_HOPS: Final = 5


class Project:
    """One file's view of the files around it; cheap to make, reads nothing until asked.

    `filename` is the linted file, or a name that is no file (`stdin`): then nothing is found.
    """

    __slots__ = (
        "_name",
        "_path",
        "folder",
        "notes",
        "options",
        "path",
        "unread",
    )

    def __init__(self, filename: str, options: Options) -> None:
        self.unread: dict[str, str] = {}
        """Dotted names asked for whose module's file can't be read or parsed -> that file."""
        self.notes: Notes = {}
        self._path: list[str] | None = None
        self._name: tuple[str | None] | None = None
        self.path = os.path.abspath(filename)
        self.folder = os.path.dirname(self.path)
        self.options = options

    def shown(self) -> str:
        """The file's path for messages: from the project's root, with `/` on every system."""
        root = root_of(self.folder) or package_of(self.folder)[0]
        return os.path.relpath(self.path, root).replace(os.sep, "/")

    def module_name(self) -> str | None:
        """The linted module's dotted name, or None where two are possible."""
        if self._name is None:
            self._name = (self._module_name(),)
        return self._name[0]

    def _module_name(self) -> str | None:
        if not current_files().is_folder(self.folder):
            return None
        stem = os.path.splitext(os.path.basename(self.path))[0]
        top, package = package_of(self.folder)
        roots = self._given_roots()
        if roots:
            names = {
                os.path.relpath(self.folder, root).replace(os.sep, ".")
                for root in roots
                if self.folder == root or self.folder.startswith(root + os.sep)
            }
            if len(names) != 1:
                return None
            package = names.pop().strip(".")
        elif package:
            from flake8_celery.core.project.namespaces import whole_name

            package = whole_name(self.path, top, package)
        elif top != root_of(top):
            return None
        if stem == "__init__":
            return package or None
        return f"{package}.{stem}" if package else stem

    def base(self) -> str:
        """The folder that relative paths in options start from."""
        return self.options.root or root_of(self.folder) or self.folder

    def _given_roots(self) -> list[str]:
        base = self.base()
        found: list[str] = []
        for pattern in self.options.celery_source_roots:
            full = pattern if os.path.isabs(pattern) else os.path.join(base, pattern)
            found += [os.path.normpath(path) for path in current_files().folders_like(full)]
        return found

    def roots(self) -> list[str]:
        """Folders that stand on sys.path, as far as can be told, the nearest first.

        Those given by option; else each from the topmost package up to the project's root (a
        namespace package has no `__init__.py`), and the root's `src`.
        """
        found = self._given_roots()
        if not found:
            here = package_of(self.folder)[0]
            found = [here]
            root = root_of(self.folder)
            if root is not None:
                for _ in range(MAX_DEPTH):
                    if here == root:
                        break
                    here = os.path.dirname(here)
                    found.append(here)
                found += [root, os.path.join(root, "src")]
        return found

    def locate(self, name: str) -> str | None:
        """The source file of the module with this dotted name (relative ones too), or None."""
        sources = current_files().sources
        key = self.folder, self.options.alike, name
        if key not in sources:
            sources[key] = self._locate(name)
        return sources[key]

    def _locate(self, name: str) -> str | None:
        if name.startswith("."):
            bare = name.lstrip(".")
            folder = self.folder
            for _ in range(len(name) - len(bare) - 1):
                folder = os.path.dirname(folder)
            return _file_of(folder, bare)
        first = name.partition(".")[0]
        for root in self._search_path():
            if _holds(root, first) and not self._is_neighbour(root, first):
                found = _file_of(root, name)
                if found is not None:
                    return found
        return None

    def is_folder_beside(self, path: str, names: Sequence[str]) -> bool:
        """Tell whether a folder stands at `names` below a file's: a package may have no file."""
        return current_files().is_folder(os.path.join(os.path.dirname(path), *names))

    def _search_path(self) -> list[str]:
        if self._path is None:
            self._path = list(dict.fromkeys(self.roots()))
        return self._path

    def _is_neighbour(self, root: str, name: str) -> bool:
        """Tell whether it is installed beside the linted file's package, and no project of it."""
        if os.path.basename(root) not in INSTALLED:
            return False
        return package_of(self.folder)[1].partition(".")[0] != name


def _holds(root: str, name: str) -> bool:
    """Tell whether a folder holds a module or package of this name; most imports stop here."""
    files = current_files()
    key = (root, name)
    known = files.heads.get(key)
    if known is None:
        path = os.path.join(root, name)
        known = files.heads[key] = files.is_folder(path) or files.is_file(f"{path}.py")
    return known


def _file_of(root: str, name: str) -> str | None:
    base = os.path.join(root, *name.split(".")) if name else root
    package = os.path.join(base, "__init__.py")
    for path in (f"{base}.py", package) if name else (package,):
        if current_files().is_file(path):
            return path
    return None
