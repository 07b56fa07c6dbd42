"""Which application a task belongs to."""

from __future__ import annotations

import os
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.model.task import Task
from flake8_celery.core.values.read import read
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple


class Where(NamedTuple):
    """The application: the module that builds it, and its name there."""

    path: str
    name: str


NO_APPLICATION: Final = Where("", "")
UNCLEAR: Final = Where("", "?")


def where_of(model: Model, task: Task | None) -> Where:
    """The application of a task, or of a module that has only one."""
    project = model.project
    if task is not None and task.application is not None:
        application = task.application
        if application.target is not None:
            return followed_application(model, application.target)
        for name, own in model.applications.items():
            if own is application or (own.node is not None and own.node is application.node):
                return Where(project.path, name)
        if application.known or task.style != "app":
            return _default(model)
        return UNCLEAR
    if task is not None and task.style == "app":
        return UNCLEAR
    return _default(model)


_WHERE: Final[Slot[Where]] = Slot(lambda: UNCLEAR)
"""Where the application is that the shared tasks of a module belong to."""


def _default(model: Model) -> Where:
    found = _WHERE.get(model.notes)
    return found if found is not None else _WHERE.put(model.notes, _find_default(model))


def _find_default(model: Model) -> Where:
    project = model.project
    given = project.options.celery_app
    if given:
        module, _, name = given.partition(":")
        for candidate in (name or "app", "celery"):
            found = followed_application(model, f"{module}.{candidate}")
            if found is not UNCLEAR:
                return found
        return UNCLEAR
    if len(model.applications) == 1:
        return Where(project.path, next(iter(model.applications)))
    if model.applications:
        return UNCLEAR
    imported: set[Where] = set()
    for bindings in model.module.region.bindings.values():
        for binding in bindings:
            if binding.how == "import" and "celery" in binding.target.lower():
                root = binding.target.lstrip(".").partition(".")[0]
                if root != "celery" or binding.target.startswith("."):
                    found = followed_application(model, binding.target)
                    if found is not UNCLEAR:
                        imported.add(found)
    if len(imported) == 1:
        return imported.pop()
    if imported:
        return UNCLEAR
    return _nearest(model)


def _nearest(model: Model) -> Where:
    """The one application in the nearest folder above that has any, else the only one below."""
    groups: dict[str, list[Where]] = {}
    project = model.project
    for path in model.usual_places():
        there = read(project, path)
        if there is not None:
            for name, application in facts_of(there).applications.items():
                if application.known or application.node is not None:
                    groups.setdefault(os.path.dirname(path), []).append(Where(path, name))
    if not groups:
        return NO_APPLICATION
    for folder, found in groups.items():
        inside = project.folder == folder or project.folder.startswith(folder + os.sep)
        if inside:
            return found[0] if len(found) == 1 else UNCLEAR
    everything = [where for found in groups.values() for where in found]
    return everything[0] if len(everything) == 1 else UNCLEAR


def followed_application(model: Model, target: str) -> Where:
    found = model.find(target)
    if found is not None and found[1] in facts_of(found[0]).applications:
        return Where(found[0].project.path, found[1])
    return UNCLEAR
