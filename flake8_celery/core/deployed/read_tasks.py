"""The interfaces of the tasks that a module makes."""

from __future__ import annotations

import ast

from flake8_celery.core.contract.interface import (
    KEYWORD_ONLY,
    KEYWORDS,
    POSITIONAL,
    POSITIONAL_ONLY,
    VARIADIC,
    Leftover,
    Parameter,
    TaskContract,
)
from flake8_celery.core.model.fact import Option
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.naming import name_of, passes_on, qualname_of
from flake8_celery.core.model.task import Task
from flake8_celery.core.values.unknown import UNKNOWN, Unknown


def contracts_of(model: Model, file: str = "") -> tuple[list[TaskContract], list[Leftover]]:
    """The tasks of one module whose name can be known, and those left out with the reason.

    `file` is what `TaskContract.file` gets. A model from `prepare` is enough.
    """
    found: dict[str, TaskContract] = {}
    left: list[Leftover] = []
    twice: dict[str, int] = {}
    for task in model.of(Task):
        for one in (task, *task.again):
            answer = contract_of(one, file)
            if isinstance(answer, Leftover):
                left.append(answer)
            elif answer is not None:
                known = found.setdefault(answer.name, answer)
                if known != answer:
                    twice.setdefault(answer.name, getattr(one.node, "lineno", 1))
    for name, line in twice.items():
        task_ = found.pop(name)
        left.append(
            Leftover(line, task_.qualname, "two different tasks of this module have its name", name)
        )
    return list(found.values()), left


def contract_of(task: Task, file: str = "") -> TaskContract | Leftover | None:
    """What others rely on of a task, why it is left out, or None for a class that is no task."""
    model = model_of(task)
    node = task.function if task.function is not None else task.node
    if isinstance(task.node, ast.ClassDef):
        qualname = qualname_of(task.node, task.region)
        registered = _registered(task.node, model)
        if not registered and not (task.own("name") and task.function is not None):
            return None
        if task.function is not None:
            qualname += ".run"
    elif task.function is not None:
        scope = model.candidates.scopes.get(task.function)
        around = scope.parent if scope is not None and scope.parent is not None else task.region
        qualname = qualname_of(task.function, around)
        registered = True
    else:
        qualname, registered = task.name, True
    name = name_of(task)
    line = getattr(node, "lineno", 1)
    if name.value is None:
        return Leftover(line, qualname, name.reason, None, name.any)
    if not registered:
        return Leftover(line, qualname, "its class is not registered in its module", name.value)
    queue, serializer = (
        _option_value(task, task.option(option), Option) for option in ("queue", "serializer")
    )
    parameters, bind = _interface(task)
    module = model.project.module_name() or ""
    return TaskContract(
        name.value, file, module, qualname, parameters, bind, queue, serializer, name.explicit
    )


def _option_value(task: Task, option: object, kind: type[Option]) -> str | Unknown | None:
    if isinstance(option, kind):
        values = task.option_values(option)
        if isinstance(values, Unknown) or len(values) != 1:
            return UNKNOWN
        value = values[0]
        return value if value is None or (isinstance(value, str) and value) else UNKNOWN
    return UNKNOWN if isinstance(option, Unknown) else None


def _interface(task: Task) -> tuple[tuple[Parameter, ...] | None, str | None]:
    """The parameters that a message may fill, and the one that the task fills."""
    given, bind = task.parameters, task.bind
    if isinstance(given, Unknown) and task.function is not None and task.style != "project":
        if all(passes_on(decorator, task.region, model_of(task)) for decorator in task.below):
            given = task.function.args
    if isinstance(given, Unknown) or isinstance(bind, Unknown):
        return None, None
    if not task.base.complete or not task.base.runs_plainly:
        return None, None
    positional = [
        *(Parameter(a.arg, POSITIONAL_ONLY) for a in given.posonlyargs),
        *(Parameter(a.arg, POSITIONAL) for a in given.args),
    ]
    first_default = len(positional) - len(given.defaults)
    found = [
        parameter._replace(default=index >= first_default)
        for index, parameter in enumerate(positional)
    ]
    bound = None
    if bind:
        if found:
            bound = found.pop(0).name
        elif given.vararg is not None:
            bound = given.vararg.arg
        else:
            return None, None
    if given.vararg is not None:
        found.append(Parameter(given.vararg.arg, VARIADIC))
    found += [
        Parameter(argument.arg, KEYWORD_ONLY, default is not None)
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg is not None:
        found.append(Parameter(given.kwarg.arg, KEYWORDS))
    return tuple(found), bound


def _registered(node: ast.ClassDef, model: Model) -> bool:
    """Whether the module gives a Task class, or an instance of it, to `register_task`."""
    for call, _, region in model.candidates.attribute_calls.get("register_task", ()):
        if not call.args:
            continue
        given = call.args[0]
        if isinstance(given, ast.Call):
            given = given.func
        found = model.resolver.definition(given, region)
        if found is not None and found[0] is node:
            return True
    return False
