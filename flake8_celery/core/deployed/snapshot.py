"""A whole project's tasks and sending calls, from the disk or from a git revision.

Only files that pass the gate are parsed, each content once even where two states hold it.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from flake8_celery.core.model import build as model_build
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.project.files import MAX_FILE, Files, Trees, reading
from flake8_celery.core.project.guarded_git import GitError
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.lockpath import LOCK_NAME, may_be_deployed
from flake8_celery.core.project.reading import MAX_BYTES, NoFile, read_file
from flake8_celery.core.project.revision import Repository, Revision
from flake8_celery.core.syntax.gate import NEEDLES
from flake8_celery.core.values.read import read
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple

_NEEDLES: Final = tuple(needle.encode() for needle in NEEDLES)
SKIPPED: Final = frozenset({"node_modules", "site-packages", "__pycache__"})
BUILT: Final = frozenset({"build", "dist"})
"""Skipped unless they are packages."""


class UnreadFile(NamedTuple):
    """A file that may hold tasks and can't be read: its path, a 1-based line, and why."""

    path: str
    line: int
    why: str


class WorkTree(Files):
    """The disk, with nothing remembered from before."""

    def __init__(self, trees: Trees) -> None:
        super().__init__()
        self.parse = trees.parse  # type: ignore[method-assign]
        self._content: dict[str, bytes] = {}
        self.unread: dict[str, str] = {}
        """The files that may hold anything: they are there and can't be read, and why."""

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files that can be read; others are in `unread`, or no file (deleted, a folder)."""
        for path in paths:
            try:
                content = read_file(path, MAX_BYTES)
            except (NoFile, FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self.unread[path] = error.strerror or str(error)
                continue
            yield path, content

    def keep(self, path: str, content: bytes) -> None:
        """Remember a content that will be asked for again."""
        self._content[path] = content

    def read(self, path: str) -> bytes:
        """See `Files.read`."""
        known = self._content.get(path)
        return super().read(path) if known is None else known


def python_files(
    folder: str, *, exclude: Sequence[str] = (), nested: bool = True, tracked: bool = True
) -> list[str]:
    """The Python files below a folder that may be deployed: absolute, sorted.

    Asks git for what it tracks or would; without git, without `tracked`, or where git knows nothing
    in the folder (it is ignored, and yet somebody named it), walks. Left out:
    tests, hidden folders, virtual environments, `node_modules`, what a build made, symbolic links,
    what a pattern of `exclude` matches (from the folder), and without `nested` the folders that
    have their own lock.
    """
    folder = os.path.realpath(folder)
    try:
        listed = Repository(folder).paths() if tracked else []
    except GitError:
        listed = []
    inside = folder.rstrip(os.sep) + os.sep
    if not any(path.startswith(inside) for path in listed):
        listed = _walk(folder)
    found = chosen(folder, listed, WorkTree(Trees()), exclude=exclude, nested=nested)
    return [path for path in found if not os.path.islink(path)]


def chosen(
    folder: str,
    paths: Iterable[str],
    files: Files,
    *,
    exclude: Sequence[str] = (),
    nested: bool = True,
) -> list[str]:
    """Those of `paths` below `folder` that `python_files` would give; order kept."""
    start = folder.rstrip(os.sep) + os.sep
    patterns = [pattern.strip("/") for pattern in exclude]
    known: dict[str, bool] = {folder: True}

    def counts(path: str) -> bool:
        answer = known.get(path)
        if answer is None:
            above, name = os.path.split(path)
            answer = known[path] = (
                counts(above)
                and name not in SKIPPED
                and not _matches(path[len(start) :], patterns)
                and (name not in BUILT or files.is_file(os.path.join(path, "__init__.py")))
                and not files.is_file(os.path.join(path, "pyvenv.cfg"))
                and (nested or not files.is_file(os.path.join(path, LOCK_NAME)))
            )
        return answer

    return [
        path
        for path in paths
        if path.endswith(".py")
        and path.startswith(start)
        and may_be_deployed(path[len(start) :])
        and counts(os.path.dirname(path))
        and not _matches(path[len(start) :], patterns)
    ]


def _matches(relative: str, patterns: Sequence[str]) -> bool:
    relative = relative.replace(os.sep, "/")
    return any(fnmatch.fnmatchcase(relative, pattern) for pattern in patterns)


def _walk(folder: str) -> list[str]:
    found: list[str] = []
    for here, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not os.path.exists(os.path.join(here, name, "pyvenv.cfg"))
            and not os.path.lexists(os.path.join(here, name, ".git"))
        ]
        found += [os.path.join(here, name) for name in names if name.endswith(".py")]
    return sorted(found)


class Snapshot:
    """One state of a project: its parsed modules and what could not be read.

    `files` is a WorkTree or a Revision, `paths` the Python files to look at. What `files` has the
    same as the work tree is taken from `like`, the snapshot of that.
    """

    def __init__(
        self,
        folder: str,
        files: WorkTree | Revision,
        paths: Sequence[str],
        options: Options,
        like: Snapshot | None = None,
    ) -> None:
        self.folder = folder
        self.files = files
        self.options = options
        self.models: list[Model] = []
        self.unreadable: list[UnreadFile] = []
        needles = (*_NEEDLES, *(needle.encode() for needle in options.extra_needles))
        self.gated: set[str] = set()
        same = files.same if isinstance(files, Revision) and like is not None else frozenset()
        for path, content in files.contents(path for path in paths if path not in same):
            if any(needle in content for needle in needles) or _may_configure(path):
                files.keep(path, content)
                self.gated.add(path)
        if isinstance(files, WorkTree):
            self.unreadable += [UnreadFile(path, 1, why) for path, why in files.unread.items()]
        if like is not None:
            for path in same & like.gated:
                files.keep(path, like.files.read(path))
                self.gated.add(path)
        gated = [path for path in paths if path in self.gated]
        with reading(files):
            for path in gated:
                there = read(Project(path, options), path)
                if there is not None:
                    self.models.append(facts_of(there).model)
                else:
                    self.unreadable.append(_why(path, files))

    def complete(self) -> None:
        """Find the calls too, not only the tasks."""
        with reading(self.files):
            for model in self.models:
                model_build.complete(model)

    def relative(self, path: str) -> str:
        """A path as lock and reports write it: from the folder, with slashes."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")


def _may_configure(path: str) -> bool:
    name = os.path.basename(path)
    return "celery" in name and "config" in name


def _why(path: str, files: Files) -> UnreadFile:
    try:
        content = files.read(path)
        if len(content) > MAX_FILE:
            return UnreadFile(path, 1, f"larger than {MAX_FILE // 1_000_000} MB")
        files.parse(content)
    except SyntaxError as error:
        return UnreadFile(path, error.lineno or 1, f"not Python {_python()}: {error.msg}")
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return UnreadFile(path, 1, " ".join(str(error).split()) or type(error).__name__)
    return UnreadFile(path, 1, "can't be read")


def _python() -> str:
    return ".".join(str(part) for part in sys.version_info[:2])
