"""Where a project's files are read from: the disk, or something that stands in for it.

Paths are absolute and use the separator of the system. What has been read is kept with the place it
was read from, so two states of one project never mix.
"""

from __future__ import annotations

import ast
import glob
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flake8_celery.core.project.reading import MAX_SOURCE, read_file
from flake8_celery.notes import Notes
from flake8_celery.record import NamedTuple


class Stamp(NamedTuple):
    """What changes when a file does."""

    version: object
    size: int
    """In bytes."""


class Files:
    """The disk. A subclass that answers the same questions can be read like one."""

    def __init__(self) -> None:
        self.notes: Notes = {}
        """What higher rooms made of the files."""
        self.roots: dict[str, str | None] = {}
        self.tops: dict[str, tuple[str, str]] = {}
        self.app_files: dict[str, tuple[Stamp, tuple[str, ...]]] = {}
        """The files of a folder that applications are usually built in."""
        self.siblings: dict[str, tuple[str, ...]] = {}
        self.heads: dict[tuple[str, str], bool] = {}
        """Whether a folder holds a module or package of a name."""
        self.sources: dict[tuple[str, tuple[str, ...], str], str] = {}
        """Where a module was last found: by the folder that asks, its source roots and the name."""
        self.failures: dict[str, str] = {}
        """Why a file could not be read or parsed."""

    def clear(self) -> None:
        """Forget everything read so far."""
        for cache in vars(self).values():
            if isinstance(cache, dict):
                cache.clear()

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a file, or None where there is none."""
        try:
            stat = os.stat(path)
        except (OSError, ValueError):
            return None
        return Stamp(stat.st_mtime_ns, stat.st_size)

    def read(self, path: str) -> bytes:
        """The file's content; OSError where it can't be read, see `read_file`."""
        return read_file(path)

    def parse(self, source: bytes) -> ast.Module:
        """The tree of a module; raises what `ast.parse` does."""
        return ast.parse(source)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or folder."""
        return os.path.exists(path)

    def is_file(self, path: str) -> bool:
        """Tell whether there is a file."""
        return os.path.isfile(path)

    def is_folder(self, path: str) -> bool:
        """Tell whether there is a folder."""
        return os.path.isdir(path)

    def subfolders(self, path: str) -> list[str]:
        """The paths of the folders in a folder, sorted; none where it can't be read."""
        try:
            with os.scandir(path) as entries:
                return sorted(entry.path for entry in entries if entry.is_dir())
        except OSError:
            return []

    def modules_in(self, path: str) -> list[str]:
        """The names of the Python files in a folder, sorted; none where it can't be read."""
        try:
            with os.scandir(path) as entries:
                return sorted(entry.name for entry in entries if entry.name.endswith(".py"))
        except OSError:
            return []

    def folders_like(self, pattern: str) -> list[str]:
        """The folders that a glob pattern matches, sorted."""
        return sorted(path for path in glob.glob(pattern) if os.path.isdir(path))


class Trees:
    """Parsed sources by content, shared by the states of a project that are compared."""

    def __init__(self) -> None:
        self._known: dict[bytes, ast.Module] = {}

    def parse(self, source: bytes) -> ast.Module:
        """See `Files.parse`."""
        tree = self._known.get(source)
        if tree is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = self._known[source] = ast.parse(source)
        return tree


MAX_FILE: Final = MAX_SOURCE
DISK: Final = Files()
_files: Files = DISK


def clear() -> None:
    """Forget everything read from the disk so far; for tests."""
    DISK.clear()


@contextmanager
def reading(files: Files) -> Iterator[None]:
    """Within the block every file of a project is read from `files`."""
    global _files
    before, _files = _files, files
    try:
        yield
    finally:
        _files = before


def current_files() -> Files:
    """Where files are read from just now."""
    return _files
