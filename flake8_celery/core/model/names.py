"""The names that tasks are registered under, in this module and in others."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.model.task import Task
from flake8_celery.core.values.read import read
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

MAX_FOLLOWED: Final = 70
"""So many modules are read for the names in one file (about 1 ms each); of more nothing is said."""


class TaskNames(NamedTuple):
    """The tasks that one module registers, by name."""

    tasks: dict[str, Task]
    complete: bool
    """Every task of the module is among them."""


_NAMES: Final[Slot[TaskNames]] = Slot(lambda: TaskNames({}, False))


def names_of(model: Model) -> TaskNames:
    """The tasks of one module; tasks made inside functions may or may not be there."""
    known = _NAMES.get(model.notes)
    if known is None:
        tasks: dict[str, Task] = {}
        complete = not model.module.region.star
        for task in model.of(Task):
            if isinstance(task.node, ast.ClassDef) and task.option("abstract"):
                continue
            name = name_of(task).value
            if name is None:
                complete = False
            else:
                tasks.setdefault(name, task)
            complete = complete and not task.again
        known = _NAMES.put(model.notes, TaskNames(tasks, complete))
    return known


def names_in(module: str, model: Model) -> TaskNames | None:
    """The tasks of the module with this dotted name, if it is one of the project's; else None."""
    found = _module(module, model)
    return names_of(found) if found is not None else None


def _module(module: str, model: Model) -> Model | None:
    if module == model.project.module_name():
        return model
    if module not in model.followed and len(model.followed) >= MAX_FOLLOWED:
        return None
    model.followed.add(module)
    path = model.project.locate(module)
    there = read(model.project, path) if path is not None else None
    if path is not None and there is None:
        model.project.unread.setdefault(module, path)
    return model.neighbours(there).model if there is not None else None


def task_named(name: str, model: Model) -> Task | None:
    """The task registered under `name`, in this module or in the one that the name leads to."""
    found = _named(name, model)
    if found is None and "." in name:
        there = _module(name.rpartition(".")[0], model)
        found = _named(name, there) if there is not None and there is not model else None
    return found


def _named(name: str, model: Model) -> Task | None:
    """The task of one module that is registered under `name`; most names are not worked out."""
    known = _NAMES.get(model.notes)
    if known is not None:
        return known.tasks.get(name)
    index = _index(model)
    found = index.written.get(name, []) + index.plain.get(name.rpartition(".")[2], [])
    for _, task in sorted(found, key=lambda place: place[0]):
        if name_of(task).value == name:
            if not (isinstance(task.node, ast.ClassDef) and task.option("abstract")):
                return task
    return None


class _Index(NamedTuple):
    """The tasks of a module, each with its place in the order."""

    size: int
    written: dict[str | None, list[tuple[int, Task]]]
    """Those whose name may be any, by it."""
    plain: dict[str, list[tuple[int, Task]]]
    """Those whose name ends in the function's, by that."""


_INDEX: Final[Slot[_Index]] = Slot(lambda: _Index(-1, {}, {}))


def _index(model: Model) -> _Index:
    tasks = model.of(Task)
    known = _INDEX.of(model.notes)
    if known.size != len(tasks):
        known = _INDEX.put(model.notes, _Index(len(tasks), {}, {}))
        for place, task in enumerate(tasks):
            written = task.style == "class" or "name" in task.arguments.keywords
            if written or task.arguments.splat_keywords or task.style == "project":
                known.written.setdefault(name_of(task).value, []).append((place, task))
            else:
                known.plain.setdefault(task.name, []).append((place, task))
    return known


def text_of(node: ast.expr | None, region: object, model: Model) -> str | None:
    """The one text that an expression may be, or None."""
    if node is None:
        return None
    values = model.resolver.values(node, region)  # type: ignore[arg-type]
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
        return None
    return values[0]
