"""Where a project's files are read from: the disk, or something that stands in for it.

Paths are absolute and use the separator of the system. What has been read is kept with the place it
was read from, so two states of one project never mix.
"""

from __future__ import annotations

import ast
import os
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, time_ns
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
        self.sources: dict[tuple[str, int, str], str | None] = {}
        """Where a module is, if anywhere: by the folder that asks, its options and the name."""
        self.failures: dict[str, str] = {}
        """Why a file could not be read or parsed."""
        self.trees: dict[str, tuple[Stamp, str, ast.Module]] = {}
        """The text and the tree of each file that was parsed."""

    def begin(self, root: str) -> None:
        """A file of the project at `root` is linted next: forget what may not hold any more."""

    def watch(self, path: str) -> None:
        """What is kept from now on holds while this file or folder stays as it is."""

    def clear(self) -> None:
        """Forget everything read so far."""
        for cache in vars(self).values():
            if isinstance(cache, dict):
                cache.clear()

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a file, or None where there is none."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return None
        return Stamp((found.st_mtime_ns, found.st_ctime_ns, found.st_ino), found.st_size)

    def read(self, path: str) -> bytes:
        """The file's content; OSError where it can't be read, see `read_file`."""
        return read_file(path)

    def text(self, path: str) -> str:
        """What a file says, for a search of words; empty where it can't be read.

        It is watched: what is made of it may be kept.
        """
        self.watch(path)
        return self.glance(path)

    def glance(self, path: str) -> str:
        """As `text`, for an answer that no other file is given: very many are read so."""
        try:
            return self.read(path).decode("utf-8", "replace")
        except OSError:
            return ""

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
        import glob  # most runs ask for no pattern

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


class Disk(Files):
    """The disk of a process that may live long: what changes there is seen by the next file.

    Each file and folder that something was learnt from is watched. If one changes, all that was
    learnt is forgotten but the trees of files that stay as they are: then the answer is that of a
    fresh process.
    """

    def __init__(self) -> None:
        super().__init__()
        self._watched: dict[str, object] = {}
        self._stamps: dict[str, Stamp | None] = {}
        self._modes: dict[str, int] = {}
        """What sort of file is there, as `os.stat` says; 0 where there is none."""
        self._next = 0.0
        self._root: str | None = None
        self._counted = 0

    def begin(self, root: str) -> None:
        """See `Files.begin`; of very much that is watched, not all is looked at for every file."""
        many = len(self._watched) > FEW
        if not many or perf_counter() >= self._next:
            if any(look(path) != known for path, known in self._watched.items()):
                self._forget()
            self._next = perf_counter() + len(self._watched) * PAUSE if many else 0.0
        if len(self.trees) != self._counted:
            held = sum(len(text) for _, text, _ in self.trees.values())
            if held > MOST_HELD or (root != self._root and held > LEAST_HELD):
                self.clear()
            self._counted = len(self.trees)
        self._root = root

    def _forget(self) -> None:
        trees = dict(self.trees)
        self.clear()
        self.trees.update(trees)

    def watch(self, path: str) -> None:
        """See `Files.watch`."""
        if path not in self._watched:
            self._watched[path] = look(path)

    def stamp(self, path: str) -> Stamp | None:
        """See `Files.stamp`."""
        if path not in self._stamps:
            self.watch(path)
            self._stamps[path] = super().stamp(path)
        return self._stamps[path]

    def exists(self, path: str) -> bool:
        """See `Files.exists`."""
        return bool(self._mode(path))

    def is_file(self, path: str) -> bool:
        """See `Files.is_file`."""
        return stat.S_ISREG(self._mode(path))

    def is_folder(self, path: str) -> bool:
        """See `Files.is_folder`."""
        return stat.S_ISDIR(self._mode(path))

    def _mode(self, path: str) -> int:
        mode = self._modes.get(path)
        if mode is None:
            self.watch(os.path.dirname(path))
            try:
                mode = os.stat(path).st_mode
            except (OSError, ValueError):
                mode = 0
            self._modes[path] = mode
        return mode

    def glance(self, path: str) -> str:
        """See `Files.glance`; of what was parsed it is at hand."""
        known = self.trees.get(path)
        if known is not None and known[0] == self.stamp(path):
            return known[1]
        return super().glance(path)

    def subfolders(self, path: str) -> list[str]:
        """See `Files.subfolders`."""
        self.watch(path)
        return super().subfolders(path)

    def modules_in(self, path: str) -> list[str]:
        """See `Files.modules_in`."""
        self.watch(path)
        return super().modules_in(path)

    def folders_like(self, pattern: str) -> list[str]:
        """See `Files.folders_like`."""
        fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
        self.watch(os.path.dirname(fixed))
        found = super().folders_like(pattern)
        for path in found:
            self.watch(os.path.dirname(path))
        return found


def look(path: str) -> object:
    """What changes when a file or folder does; equal to nothing while it may just be written."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if time_ns() - found.st_mtime_ns < YOUNG:
        return object()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


FEW: Final = 60
"""So many files and folders are looked at before each file; it takes a tenth of a millisecond."""
PAUSE: Final = 0.00006
"""Seconds to wait for each of more: looking takes some thirtieth of that."""
YOUNG: Final = 20_000_000
"""Nanoseconds: two changes within a tick of the file system's clock look like one."""
LEAST_HELD: Final = 300_000
"""Characters of source whose trees are kept though the next file is of another project."""
MOST_HELD: Final = 2_000_000
"""Characters of source whose trees are kept at all: each takes some forty bytes."""
MAX_FILE: Final = MAX_SOURCE
DISK: Final = Disk()
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
