"""Which task a dispatch or a beat entry sends, and whether any has that name."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.names import TaskNames, names_in, task_named, text_of
from flake8_celery.core.model.naming import RENAMER
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import BeatEntry, Periodic
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.lockpath import lock_for
from flake8_celery.core.project.roots import root_of
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple
from flake8_celery.tables.confusions import near_miss

if TYPE_CHECKING:
    from flake8_celery.core.contract.lock import Lock


def sent_name(fact: Dispatch, model: Model) -> str | None:
    """The name that `send_task` or an app's `signature` is given, or None."""
    if fact.on != "app" or fact.method not in ("send_task", "signature"):
        return None
    key = "name" if fact.method == "send_task" else "varies"
    return text_of(fact.arguments.get(key, 0), fact.region, model)


def sent_task(fact: Dispatch, model: Model) -> Task | None:
    """The task that a dispatch sends, by its name too, where it is in sight."""
    task = fact.resolved_task()
    if task is not None:
        return task
    name = sent_name(fact, model)
    return task_named(name, model) if name is not None else None


def entry_task(entry: BeatEntry, model: Model) -> Task | None:
    """The task that a beat entry names, where it is in sight."""
    if "task" not in entry.fields:
        return None
    node = entry.fields["task"][1]
    if isinstance(node, ast.Attribute) and node.attr == "name":
        return model.task(node.value, entry.region)
    name = text_of(node, entry.region, model)
    return task_named(name, model) if name is not None else None


def periodic_task(fact: Periodic, model: Model) -> Task | None:
    """The task that `add_periodic_task` is given, where it is in sight."""
    node = fact.arguments.get("sig", 1)
    if node is None:
        return None
    dispatch = model.dispatches.get(node)
    if dispatch is not None:
        return dispatch.resolved_task()
    return model.task(node, fact.region)


class Missing(NamedTuple):
    """A name that no task has."""

    meant: str | None
    """The name of a task that it most likely misspells."""


def locked(model: Model) -> Lock | None:
    """The contract lock that speaks for a module, or None; CEL002 says what is wrong with one."""
    listed = LISTED.get(model.options.notes)
    if listed is not None:
        return listed
    known = _LOCKED.get(model.notes)
    if known is None:
        known = _LOCKED.put(model.notes, [_lock_of(model)])
    return known[0]


LISTED: Final[Slot[Lock | None]] = Slot(lambda: None)
"""On options: the tasks that a whole run listed; they speak before any lock."""
_LOCKED: Final[Slot[list[Lock | None]]] = Slot(list)
"""The lock that speaks for a module, once it was looked for."""


def _lock_of(model: Model) -> Lock | None:
    path = lock_for(model.project.path, model.options)
    if path is None:
        return None
    from flake8_celery.core.contract.lock import LockError, read_lock  # most files have no lock

    try:
        return read_lock(path)
    except LockError:
        return None


def unknown_task(name: str, model: Model) -> Missing | None:
    """Say that no task has this name, where that is certain; else None.

    From the module that the name leads to alone only a misspelling can be told: any other module
    may register a task under that name. A lock knows them all.
    """
    if task_named(name, model) is not None:
        return None
    module, _, last = name.rpartition(".")
    names = names_in(module, model) if module else None
    lock = locked(model)
    if lock is not None and name in lock.tasks:
        return None
    if lock is not None and names_plainly(model):
        if not module:
            # `squash` for a task whose automatic name is `shop.tasks.squash`
            meant = [n for n in lock.tasks if n.endswith(f".{name}") and not lock.tasks[n].explicit]
            return Missing(meant[0]) if len(meant) == 1 else None
        if is_ours(name, lock):
            if not _read_whole(module, names, model):
                return None
            found = _spelled_alike(module, last, lock.tasks)
            if found is None:
                elsewhere = [other for other in lock.tasks if other.endswith(f".{last}")]
                found = elsewhere[0] if len(elsewhere) == 1 else None
            return Missing(found)
    if names is None:
        found = _in_module_alike(module, last, model)
        return Missing(found) if found is not None else None
    if not names.complete:
        return None
    found = _spelled_alike(module, last, names.tasks)
    return Missing(found) if found is not None else None


def names_plainly(model: Model) -> bool:
    """Whether the project's application is in sight and names its tasks as Celery does."""
    application = model.default_application()
    home = application.home if application is not None else None
    return application is not None and (home is None or not home.says(RENAMER))


def is_ours(name: str, lock: Lock) -> bool:
    """Whether a dotted name lies under a package that holds tasks of the lock."""
    root, dot, _ = name.partition(".")
    return bool(dot) and any(
        task.module.partition(".")[0] == root for task in lock.tasks.values() if task.module
    )


def _read_whole(module: str, names: TaskNames | None, model: Model) -> bool:
    """Whether all tasks of a module are known; one that does not exist has none."""
    if names is not None:
        return names.complete
    return model.project.locate(module) is None


def _in_module_alike(module: str, last: str, model: Model) -> str | None:
    """The task of this very name in a module spelled almost so; `module` itself isn't there."""
    meant = module_alike(module, model)
    wanted = f"{meant}.{last}"
    return wanted if meant is not None and task_named(wanted, model) is not None else None


def module_alike(module: str, model: Model) -> str | None:
    """The module of the project that a dotted name which leads nowhere almost spells, or None."""
    project = model.project
    parts = module.split(".")
    for number, part in enumerate(parts):
        if project.locate(".".join(parts[: number + 1])) is not None:
            continue
        above = project.locate(".".join(parts[:number])) if number else None
        folders = [os.path.dirname(above)] if above is not None else []
        if not number and root_of(project.folder) is not None:
            folders = project.roots()
        meant = near_miss(part, sorted({name for f in folders for name in _importable(f)}))
        wanted = ".".join([*parts[:number], meant or "", *parts[number + 1 :]])
        return wanted if meant is not None and project.locate(wanted) is not None else None
    return None


def _importable(folder: str) -> Iterator[str]:
    """The names of the modules and packages in a folder."""
    files = current_files()
    for name in files.modules_in(folder):
        yield name.removesuffix(".py")
    for below in files.subfolders(folder):
        yield os.path.basename(below)


def _spelled_alike(module: str, last: str, names: Iterable[str]) -> str | None:
    """The registered name of the same module that differs by a slip of the fingers."""
    lasts = {
        other.rpartition(".")[2]: other for other in names if other.rpartition(".")[0] == module
    }
    meant = near_miss(last, sorted(lasts))
    return lasts[meant] if meant is not None else None
