"""What a task takes by each of the ways to send it."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.contract.binding import Parameters, read_parameters
from flake8_celery.core.model.fact import Option, TaskClass
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Slot


def of_task(task: Task, method: str = "apply_async") -> Parameters | Unknown:
    """What `method` (`__call__` for a direct call) may give `task`, as far as that can be told.

    UNKNOWN where another decorator stands below or above (`staticmethod` aside), where `bind` or
    the base can't be read, and where the base overrides what leads from the call to the function.
    """
    given = task.parameters
    bind = task.bind
    if isinstance(given, Unknown) or isinstance(bind, Unknown) or _wrapped(task):
        return UNKNOWN
    base = task.base
    if not all(base.lacks(name) for name in _WAY.get(method, (method, "apply_async"))):
        return UNKNOWN
    if any(library.body != "arguments" for library in base.libraries):
        return UNKNOWN
    found = read_parameters(given, bind, task.style != "class" and _checked(task, base))
    if isinstance(found, Parameters) and not base.lacks("__call__"):
        # Celery's own check is made all the same where the message is sent
        return found._replace(called=False) if found.checked else UNKNOWN
    return found


_TAKEN: Final[Slot[dict[tuple[Task, str], Parameters | Unknown]]] = Slot(dict)


def taken(task: Task, method: str, model: Model) -> Parameters | Unknown:
    """As `of_task`; told once for all calls in the module that `model` is of."""
    told = _TAKEN.of(model.notes)
    key = task, method
    known = told.get(key)
    if known is None:
        known = told[key] = of_task(task, method)
    elif isinstance(known, Parameters):
        task.base.trusted()  # which may be an assumption, in each judgement
    return known


def _wrapped(task: Task) -> bool:
    """Whether the name stands for something that a decorator above has made of the task."""
    return any(not isinstance(d, ast.Name) or d.id != "staticmethod" for d in task.above)


#: The methods of a Task class between a call and the function (celery/app/task.py).
_WAY: Final = {
    "__call__": ("__call__",),
    "apply": ("apply", "__call__"),
    "si": ("si", "signature", "apply_async"),
    "s": ("s", "signature", "apply_async"),
    "subtask": ("subtask", "signature", "apply_async"),
    "delay_on_commit": ("delay_on_commit", "apply_async_on_commit", "apply_async"),
    "send_task": ("__call__",),
}


def _checked(task: Task, base: TaskClass) -> bool:
    """Whether Celery surely checks the arguments where the message is sent."""
    if not all(library.checked for library in base.libraries):
        return False
    plain = task.style != "project" and not task.arguments.splat_keywords
    for name, wanted in (("typing", True), ("pydantic", False)):
        if plain and name not in task.arguments.keywords and base.lacks(name):
            continue
        option = task.option(name)
        if isinstance(option, Unknown):
            return False
        if isinstance(option, Option):
            values = task.option_values(option)
            if isinstance(values, Unknown) or not all(value is wanted for value in values):
                return False
    application = task.full_application
    return application is None or not application.lax
