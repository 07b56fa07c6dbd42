"""Whether a bound task lands in a parameter that was meant for something else."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.model import model_of
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.flow import attributes_read

#: What the task is called, as a parameter.
_TASK_NAMES: Final = frozenset({"self", "this", "me", "cls", "job"})
_NAMED_IN_BODIES: Final = ("self", "task")
_COUNTED: Final = frozenset({"delay", "s", "si", "delay_on_commit"})
#: Attributes by which a body shows that it has the task itself.
_OF_TASKS: Final = frozenset(
    {"request", "retry", "update_state", "max_retries", "name", "app", "replace", "backend"}
)


def taken_by_mistake(task: Task) -> str:
    """What tells that the first parameter of a bound task is not meant for it; else empty.

    Either the body names a `self` that nothing binds, or every call in the task's module gives as
    many arguments as there are parameters.
    """
    parameters = task.parameters
    if not task.bind or not isinstance(parameters, ast.arguments) or task.function is None:
        return ""
    named = [*parameters.posonlyargs, *parameters.args]
    first = named[0].arg if named else "_"
    bare = first.strip("_").lower()
    if first.startswith("_") or bare in _TASK_NAMES or "task" in bare:
        return ""
    unbound = _unbound(task, task.function.body)
    if unbound:
        return f"it lands in {first}, and {unbound} is a NameError"
    read = attributes_read(task.function.body, first)
    if read.isdisjoint(_OF_TASKS) and _always_given_all(task, parameters, len(named)):
        return f"it lands in {first}, every call gives one argument too many"
    return ""


def _unbound(task: Task, body: list[ast.stmt]) -> str:
    """The name by which a body means the task, where nothing binds that name."""
    assert task.function is not None
    inner = model_of(task).candidates.scopes.get(task.function)
    for name in _NAMED_IN_BODIES:
        if inner is None or inner.lookup(name) is not None or inner.module.star:
            continue
        if not attributes_read(body, name).isdisjoint(_OF_TASKS):
            return name
    return ""


def _always_given_all(task: Task, parameters: ast.arguments, count: int) -> bool:
    """Whether each call in sight gives an argument for each parameter, and there is one."""
    if parameters.vararg is not None or parameters.defaults or parameters.kwonlyargs:
        return False
    given: list[bool] = []
    for fact in model_of(task).of(Dispatch):
        if fact.task is not task or fact.call is None or fact.method not in _COUNTED:
            continue
        arguments = fact.arguments
        if arguments.splat or arguments.splat_keywords:
            return False
        given.append(len(arguments.positional) + len(arguments.keywords) == count)
    return bool(given) and all(given)
