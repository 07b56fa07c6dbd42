"""What a change to a project breaks, for messages that wait and for workers not yet replaced.

Three directions: messages of the old code meet new workers, messages of the new code meet old
workers, and messages of the new code meet new workers. `contract.change` judges one task; here all
tasks and all sending calls of a project are held against each other.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from flake8_celery.core.contract import change
from flake8_celery.core.contract.change import WARNING, Break, compare, refusal, vanished
from flake8_celery.core.contract.interface import TaskContract
from flake8_celery.core.contract.lock import read_lock
from flake8_celery.core.contract.message import call_error
from flake8_celery.core.deployed.snapshot import Snapshot
from flake8_celery.core.deployed.states import FilePlace, Listed, Sent, Tasks, file_place
from flake8_celery.core.model.model import Model
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.syntax.regions import FunctionNode
from flake8_celery.record import NamedTuple

OLD_TO_NEW: Final = "old messages, new workers"
NEW_TO_OLD: Final = "new messages, old workers"
NEW_TO_NEW: Final = "new messages, new workers"


class Difference(NamedTuple):
    """One thing that the change breaks, and where."""

    place: FilePlace
    direction: str
    headline: str
    what: Break
    proxy: str = ""
    """Source of a task that takes the old messages, ready to paste."""
    home: str = ""
    """The file that the proxy may stand in."""
    successor: str = ""
    """The task that does the work of a vanished one now."""


class Note(NamedTuple):
    """Something to know that breaks nothing by itself."""

    place: FilePlace | None
    text: str
    task: str = ""
    strict: bool = False
    """`--strict` takes it for a break."""


class Report(NamedTuple):
    """All that is to be said about a change."""

    findings: list[Difference]
    notes: list[Note]
    undecided: list[Note]
    """What keeps the tool from telling that the change is safe."""
    tasks: int
    """How many were compared."""
    gone: tuple[str, ...] = ()
    """The names that only the old state has."""
    new: tuple[str, ...] = ()
    """And those that only the new one has."""


class Comparison:
    """Two states of a project held against each other."""

    def __init__(self, old: Tasks, new: Tasks, snapshot: Snapshot) -> None:
        self.old = old
        self.new = new
        self.snapshot = snapshot
        self.findings: list[Difference] = []
        self.notes: list[Note] = []
        self.undecided: list[Note] = []
        self._arrived = [
            one for name, several in new.named.items() if name not in old.named for one in several
        ]
        """Tasks of names that are new."""
        self._of_old_lock = all(one.task is None for each in old.named.values() for one in each)
        self._left_before = {(file, left.qualname) for file, left in old.left}
        self._unreadable = {snapshot.relative(item.path) for item in snapshot.unreadable}

    def tasks(self) -> None:
        """Old messages, new workers."""
        for name in sorted(self.old.named):
            before, after = self.old.named[name], self.new.named.get(name, [])
            for one, other in self._pairs(before, after):
                if other is not None:
                    for found in compare(one.contract, other.contract):
                        self._changed(found, other)
                elif not after:
                    self._vanished(one)

    def calls(self, sent: Iterable[Sent]) -> None:
        """New messages, on old and on new workers."""
        fresh: dict[str, Sent] = {}
        for one in sent:
            before, after = self.old.named.get(one.task, []), self.new.named.get(one.task, [])
            if len(before) > 1 or len(after) > 1:
                continue
            if not before:
                if after:
                    fresh.setdefault(one.task, one)
                continue
            if not after:
                gone = before[0].contract.file not in self._unreadable
                if gone and self._may_live(before[0]) is None:
                    self._orphan(one, self._successor(before[0].contract))
                continue
            self._call(one, before[0].contract, after[0].contract)
        for name, one in sorted(fresh.items()):
            if any(left.name == name for _, left in self.old.left):
                continue
            self.notes.append(
                Note(
                    one.place,
                    f"{name} is new, and is sent by the same change: workers of the old code "
                    f"discard it (Received unregistered task of type {name!r}.); deploy the "
                    "workers first",
                    name,
                    strict=True,
                )
            )

    def _call(self, sent: Sent, old: TaskContract, new: TaskContract) -> None:
        on_new = call_error(new, sent.call)
        on_old = refusal(old, sent.call, new)
        if on_new and not call_error(old, sent.call):
            what = Break(
                "CEL401",
                sent.task,
                None,
                f"this call was right before the change, and fails now with {on_new}",
                ("send what the new signature takes",),
                error=on_new,
                call=sent.call,
            )
            headline = f"{sent.task} no longer takes this call"
            self.findings.append(Difference(sent.place, NEW_TO_NEW, headline, what))
        elif on_old and not on_new:
            error = call_error(old, sent.call)
            what = Break(
                "CEL414",
                sent.task,
                None,
                f"workers that run the old code fail with {error}"
                if error
                else f"on workers that run the old code {on_old}",
                (
                    "change the task alone, in a way that old messages fit too, and deploy the "
                    "workers",
                    "then send the new argument and deploy the senders",
                ),
                WARNING,
                error,
                sent.call,
            )
            headline = f"{sent.task} is sent what workers of the old code don't take"
            self.findings.append(Difference(sent.place, NEW_TO_OLD, headline, what))

    def _orphan(self, sent: Sent, successor: Listed | None) -> None:
        error = f"Received unregistered task of type {sent.task!r}."
        instead = (
            f"deploy workers that have {successor.contract.name}, then send that"
            if successor is not None
            else "keep the task, or don't send it"
        )
        what = Break(
            "CEL410",
            sent.task,
            None,
            f"this sends a task that no worker knows any more: {error}",
            (instead,),
            error=error,
            call=sent.call,
        )
        headline = f"{sent.task} is gone, and still sent"
        self.findings.append(Difference(sent.place, NEW_TO_NEW, headline, what))

    # -- one task

    def _pairs(
        self, before: list[Listed], after: list[Listed]
    ) -> Iterator[tuple[Listed, Listed | None]]:
        """Each old task of one name with the new one that took its place."""
        if len(before) == 1 and len(after) <= 1:
            yield before[0], after[0] if after else None
            return
        # several projects in one tree, or a task defined in two ways: each file for itself
        rest_before: list[Listed] = []
        rest_after = list(after)
        for file in dict.fromkeys(one.contract.file for one in before):
            here = [one for one in before if one.contract.file == file]
            there = [one for one in after if one.contract.file == file]
            if len(here) == 1 and len(there) == 1:
                yield here[0], there[0]
                rest_after.remove(there[0])
            elif {one.contract for one in here} == {one.contract for one in there}:
                rest_after = [one for one in rest_after if one not in there]
            elif there:
                name = here[0].contract.name
                self.undecided.append(
                    Note(
                        there[0].place,
                        f"{name} is defined {_times(len(here))} here in the old state and "
                        f"{_times(len(there))} in the new: which of them runs can't be told",
                        name,
                    )
                )
                rest_after = [one for one in rest_after if one not in there]
            else:
                rest_before += here
        if len(rest_before) == 1 and len(rest_after) == 1:
            yield rest_before[0], rest_after[0]
        elif rest_before and not after:
            yield rest_before[0], None

    def _changed(self, found: Break, task: Listed) -> None:
        headline = _HEADLINES[found.code].format(
            task=found.task, parameter=found.parameter or "", function=task.contract.qualname
        )
        place = task.place_of_parameter(found.parameter)
        direction = OLD_TO_NEW
        self.findings.append(Difference(place, direction, headline, found))

    def _vanished(self, task: Listed) -> None:
        old = task.contract
        if old.file in self._unreadable or self._has_own_lock(old):
            return
        unseen = self._may_live(task)
        if unseen is not None:
            self.undecided.append(unseen)
            return
        successor = self._successor(old)
        found = vanished(old, successor.contract if successor is not None else None)
        if successor is not None:
            moved = successor.contract.qualname == old.qualname
            headline = (
                f"{old.name} is {'moved to' if moved else 'renamed to'} {successor.contract.name}"
            )
            place = successor.place
        else:
            headline = f"{old.name} is gone"
            place = FilePlace(old.file, 1, 1)
        proxy = change.proxy(old, successor.contract if successor is not None else None)
        home = old.file
        if successor is not None and not self.snapshot.files.is_file(self._path(old)):
            home = successor.contract.file
        name = successor.contract.name if successor is not None else ""
        self.findings.append(Difference(place, OLD_TO_NEW, headline, found, proxy, home, name))

    def _has_own_lock(self, old: TaskContract) -> bool:
        """Whether a lock in a folder below speaks for it now."""
        folder = os.path.dirname(self._path(old))
        while len(folder) > len(self.snapshot.folder):
            path = os.path.join(folder, LOCK_NAME)
            if self.snapshot.files.is_file(path):
                return self._of_old_lock and old.name in read_lock(path).tasks
            folder = os.path.dirname(folder)
        return False

    def _may_live(self, task: Listed) -> Note | None:
        """Why a task whose name is not found may be there all the same, or None."""
        old = task.contract
        for file, left in self.new.left:
            here = file == old.file and left.any and (file, left.qualname) not in self._left_before
            same = left.name is None and left.qualname == old.qualname
            if here or same or left.name == old.name:
                return Note(
                    FilePlace(file, left.line, 1),
                    f"whether {old.name} is still a task can't be told: {left.reason}",
                    old.name,
                )
        path = self._path(old)
        for model in self.snapshot.models:
            if model.module.filename == path:
                return self._redecorated(old, model)
        return None

    def _path(self, task: TaskContract) -> str:
        return os.path.join(self.snapshot.folder, *task.file.split("/"))

    def _redecorated(self, old: TaskContract, model: Model) -> Note | None:
        """The function is there, under a decorator that may make a task of it."""
        for node, region in model.candidates.decorated:
            if node.name == old.qualname and isinstance(node, FunctionNode):
                if region.function is None and node not in model.functions_of_tasks:
                    made = ast.unparse(node.decorator_list[0]).partition("(")[0]
                    return Note(
                        file_place(node, model, old.file),
                        f"whether {old.name} is still a task can't be told: if @{made} makes one, "
                        "name it in celery-task-decorators",
                        old.name,
                    )
        return None

    def _successor(self, old: TaskContract) -> Listed | None:
        """The new task that most likely does an old one's work: moved, or renamed in its place."""
        moved = [one for one in self._arrived if one.contract.qualname == old.qualname]
        if len(moved) == 1:
            return moved[0]
        here = [
            one
            for one in self._arrived
            if one.contract.file == old.file and one.contract.parameters == old.parameters
        ]
        lost = [
            one
            for name, several in self.old.named.items()
            if name not in self.new.named
            for one in several
            if one.contract.file == old.file and one.contract.parameters == old.parameters
        ]
        return here[0] if len(here) == 1 and len(lost) == 1 else None

    # -- the whole

    def report(self) -> Report:
        """All that was found, by place."""
        return Report(
            sorted(self.findings, key=lambda finding: (finding.place, finding.what.code)),
            sorted(self.notes, key=lambda note: note.place or FilePlace("", 0, 0)),
            self.undecided,
            len(self.old.named),
            tuple(sorted(self.old.named.keys() - self.new.named.keys())),
            tuple(sorted(self.new.named.keys() - self.old.named.keys())),
        )


_HEADLINES: Final[Mapping[str, str]] = {
    "CEL411": "{task} now needs {parameter}",
    "CEL412": "{task} no longer takes {parameter}",
    "CEL413": "{task} takes {parameter} in another place",
    "CEL415": "{task} has another {parameter}",
}


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"
