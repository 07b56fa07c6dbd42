"""The tasks of one state of a project, and what it sends."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from flake8_celery.core.contract.binding import CallShape
from flake8_celery.core.contract.interface import Leftover, TaskContract
from flake8_celery.core.contract.lock import Lock
from flake8_celery.core.deployed.read_tasks import contract_of
from flake8_celery.core.deployed.snapshot import Snapshot
from flake8_celery.core.messages.arguments import of_dispatch, packed
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import BeatEntry
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import reading
from flake8_celery.core.syntax.regions import parameters_of
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.record import NamedTuple


class FilePlace(NamedTuple):
    """Where something is: a path from the project's folder, with slashes; 1-based."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Listed(NamedTuple):
    """A task of one state of a project; `task` is None where it comes from a lock."""

    contract: TaskContract
    task: Task | None = None

    @property
    def place(self) -> FilePlace:
        """The function or class, by its name."""
        if self.task is None:
            return FilePlace(self.contract.file, 1, 1)
        node: ast.AST = self.task.function or self.task.node
        return file_place(node, model_of(self.task), self.contract.file)

    def place_of_parameter(self, name: str | None) -> FilePlace:
        """A parameter, or where there is none of that name, the task."""
        if self.task is not None and self.task.function is not None and name:
            for parameter in parameters_of(self.task.function.args):
                if parameter.arg == name.lstrip("*"):
                    return file_place(parameter, model_of(self.task), self.contract.file)
        return self.place


class Sent(NamedTuple):
    """A call, or a beat entry, that sends a task by name."""

    task: str
    call: CallShape
    place: FilePlace


class Tasks:
    """The tasks of one state of a project."""

    def __init__(self, named: Iterable[Listed], left: Iterable[tuple[str, Leftover]] = ()) -> None:
        self.named: dict[str, list[Listed]] = {}
        for one in named:
            self.named.setdefault(one.contract.name, []).append(one)
        self.left = list(left)
        """Tasks whose name can't be known, each with its file."""

    @property
    def count(self) -> int:
        """How many names there are."""
        return len(self.named)


def of_lock(lock: Lock) -> Tasks:
    """The tasks that a lock file holds."""
    return Tasks(Listed(task) for task in lock.tasks.values())


def of_snapshot(snapshot: Snapshot) -> Tasks:
    """The tasks of a project's files."""
    named: list[Listed] = []
    left: list[tuple[str, Leftover]] = []
    with reading(snapshot.files):
        for model in snapshot.models:
            file = snapshot.relative(model.module.filename)
            seen: set[TaskContract] = set()
            for task in model.of(Task):
                for one in (task, *task.again):
                    answer = contract_of(one, file)
                    if isinstance(answer, Leftover):
                        left.append((file, answer))
                    elif answer is not None and answer not in seen:
                        seen.add(answer)
                        named.append(Listed(answer, one))
    return Tasks(named, left)


def sent_by(snapshot: Snapshot) -> list[Sent]:
    """Everything in a project's files that sends a task whose name is known."""
    found: list[Sent] = []
    names: dict[Task, str | None] = {}
    snapshot.complete()
    with reading(snapshot.files):
        for model in snapshot.models:
            file = snapshot.relative(model.module.filename)
            for dispatch in model.of(Dispatch):
                found += _dispatched(dispatch, model, file, names)
            for entry in model.of(BeatEntry):
                found += _scheduled(entry, model, file)
    return found


def _dispatched(
    dispatch: Dispatch, model: Model, file: str, known: dict[Task, str | None]
) -> Iterator[Sent]:
    if dispatch.on == "signature" or dispatch.method == "apply" or not dispatch.certain:
        return
    if dispatch.on == "app":
        key = "varies" if dispatch.method == "signature" else "name"
        names = _texts(dispatch.arguments.get(key, 0), dispatch, model)
    else:
        name = _name_of(dispatch.resolved_task(), known)
        names = (name,) if name is not None else ()
    if not names:
        return
    place = file_place(dispatch.node, model, file)
    for one in of_dispatch(dispatch, model):
        for name in names:
            yield Sent(name, one.call, place)


def _name_of(task: Task | None, known: dict[Task, str | None]) -> str | None:
    if task is None:
        return None
    if task not in known:
        answer = contract_of(task)
        known[task] = answer.name if isinstance(answer, TaskContract) else None
    return known[task]


def _scheduled(entry: BeatEntry, model: Model, file: str) -> Iterator[Sent]:
    task, args, kwargs = (entry.fields.get(field) for field in ("task", "args", "kwargs"))
    if task is None or not entry.complete:
        return
    one = packed(
        entry.node,
        args[1] if args is not None else None,
        kwargs[1] if kwargs is not None else None,
        entry.region,
        model.resolver,
    )
    for name in _texts(task[1], entry, model):
        yield Sent(name, one.call, file_place(task[1], model, file))


def _texts(node: ast.expr | None, fact: Dispatch | BeatEntry, model: Model) -> tuple[str, ...]:
    if node is None:
        return ()
    values = model.resolver.values(node, fact.region)
    if isinstance(values, Unknown):
        return ()
    return tuple(value for value in values if isinstance(value, str))


def file_place(node: ast.AST, model: Model, file: str) -> FilePlace:
    """Where a node starts; a function or a class where its `def` or `class` stands."""
    line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return FilePlace(file, line, model.module.column(line, offset) + 1)
