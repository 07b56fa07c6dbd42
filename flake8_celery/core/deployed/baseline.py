"""What is deployed, by the lock or by a git revision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flake8_celery.core.contract.interface import TaskContract
from flake8_celery.core.contract.lock import Lock, LockError, read_lock
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.project.files import current_files, reading
from flake8_celery.core.project.guarded_git import GitError
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.lockpath import is_no_file, lock_for, may_be_deployed
from flake8_celery.core.project.revision import Repository, Revision
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.values.read import read
from flake8_celery.notes import Slot
from flake8_celery.options import Options


class Baseline:
    """What is deployed. `shown` names it in messages."""

    shown: str

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """The tasks that a file (absolute) holds there."""
        raise NotImplementedError

    def find(self, name: str, path: str) -> TaskContract | None:
        """The task of this name; `path` is the file that holds it now."""
        raise NotImplementedError

    def lacks(self, task: TaskContract, path: str) -> bool:
        """Whether a task of this file surely is not deployed under its name."""
        raise NotImplementedError

    def files(self) -> Iterator[str]:
        """Files that may hold a task that is gone from where it was."""
        raise NotImplementedError

    def home(self, task: TaskContract) -> str:
        """The file (absolute) that a task was in."""
        raise NotImplementedError


class LockBaseline(Baseline):
    """The tasks of a lock file."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.shown = os.path.basename(lock.path)
        self._files: tuple[str, ...] | None = None

    def _inside(self, path: str) -> str:
        """The path as the lock would name it, where a symbolic link leads there."""
        if self.lock.relative(path) is None:
            folder = os.path.realpath(self.lock.folder)
            real = os.path.realpath(path)
            if real.startswith(folder.rstrip(os.sep) + os.sep):
                return os.path.join(self.lock.folder, os.path.relpath(real, folder))
        return path

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """See `Baseline.of_file`."""
        return self.lock.of_file(self._inside(path))

    def find(self, name: str, path: str) -> TaskContract | None:
        """See `Baseline.find`."""
        return self.lock.tasks.get(name)

    def lacks(self, task: TaskContract, path: str) -> bool:
        """See `Baseline.lacks`."""
        if task.name in self.lock.tasks:
            return False
        return may_be_deployed(self.lock.relative(self._inside(path)))

    def files(self) -> Iterator[str]:
        """See `Baseline.files`."""
        if self._files is None:
            # asked for each task that is gone
            self._files = tuple(dict.fromkeys(map(self.home, self.lock.tasks.values())))
        yield from self._files

    def home(self, task: TaskContract) -> str:
        """See `Baseline.home`."""
        return os.path.join(self.lock.folder, *task.file.split("/"))


class RevisionBaseline(Baseline):
    """The tasks that the files held at a git revision."""

    def __init__(self, revision: Revision, shown: str, options: Options) -> None:
        self.revision = revision
        self.shown = shown
        self.options = options
        self._tasks: dict[str, dict[str, TaskContract] | None] = {}
        self._gated: frozenset[str] | None = None
        self._broken: LockError | None = None

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say what git can't do as a lock's error, and don't ask it a second time."""
        try:
            if self._broken is None:
                yield
                return
        except GitError as error:
            self._broken = LockError(f"celery-against: {error}")
            self._tasks.clear()
        raise LockError(str(self._broken))

    def _of(self, path: str) -> dict[str, TaskContract] | None:
        """The tasks of a file by name; None where it held one whose name can't be told."""
        real = os.path.realpath(path)
        if real not in self._tasks:
            with self._asking(), reading(self.revision):
                self._tasks[real] = {}
                there = read(Project(real, self.options), real)
                if there is not None:
                    relative = os.path.relpath(real, self.revision.repository.top)
                    found, left = contracts_of(facts_of(there).model, relative.replace(os.sep, "/"))
                    whole = not any(one.any for one in left)
                    self._tasks[real] = {task.name: task for task in found} if whole else None
                elif self.revision.is_file(real):
                    self._tasks[real] = None
        return self._tasks[real]

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """See `Baseline.of_file`."""
        return tuple((self._of(path) or {}).values())

    def find(self, name: str, path: str) -> TaskContract | None:
        """See `Baseline.find`."""
        return (self._of(path) or {}).get(name)

    def lacks(self, task: TaskContract, path: str) -> bool:
        """See `Baseline.lacks`."""
        held = self._of(path)
        if held is None or task.name in held or task.explicit:
            return False  # a name that is written out may have come with it from another file
        relative = os.path.relpath(os.path.realpath(path), self.revision.repository.top)
        return may_be_deployed(relative)

    def files(self) -> Iterator[str]:
        """See `Baseline.files`."""
        return iter(())

    def home(self, task: TaskContract) -> str:
        """See `Baseline.home`."""
        return os.path.join(self.revision.repository.top, *task.file.split("/"))

    def held_something(self, path: str) -> bool:
        """Whether a file passed the gate at the revision."""
        if self._gated is None:
            sources = [name for name in self.revision.blobs if name.endswith(".py")]
            with self._asking():
                self._gated = frozenset(
                    name
                    for name, content in self.revision.contents(sources)
                    if passes_gate(content.decode("utf-8", "replace"), name)
                )
        assert self._gated is not None
        return os.path.realpath(path) in self._gated


_REVISIONS: Final[Slot[dict[tuple[str, str], Baseline | LockError]]] = Slot(dict)
"""By the folder that asks, or the repository, and the revision as it is written."""


def baseline_of(filename: str, options: Options) -> Baseline | None:
    """What a file's tasks are compared with; None where there is nothing to compare with.

    Raises LockError, whose text is one line, where there is something and it can't be read.
    """
    if is_no_file(filename):
        return None
    if options.celery_against:
        return _against(os.path.dirname(os.path.abspath(filename)), options)
    path = lock_for(filename, options)
    return LockBaseline(read_lock(path)) if path is not None else None


def _against(folder: str, options: Options) -> Baseline:

    wanted = options.celery_against
    root = root_of(folder) or folder
    revisions = _REVISIONS.of(current_files().notes)
    known = revisions.get((root, wanted))
    if known is None:
        try:
            repository = Repository(root)
            top = (repository.top, wanted)
            known = revisions.get(top)
            if known is None:
                tree = repository.tree(repository.commit(wanted))
                known = revisions[top] = RevisionBaseline(tree, wanted, options)
        except GitError as error:
            known = LockError(f"celery-against: {error}")
        revisions[root, wanted] = known
    if isinstance(known, LockError):
        raise LockError(str(known))
    return known


def speaks_of(filename: str, options: Options) -> bool:
    """Whether a file held tasks where it is compared with, though it holds nothing of ours now."""
    try:
        baseline = baseline_of(filename, options)
        if isinstance(baseline, RevisionBaseline):
            return baseline.held_something(filename)
    except LockError:
        return False
    return baseline is not None and bool(baseline.of_file(os.path.abspath(filename)))
