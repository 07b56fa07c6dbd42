"""Tasks that a decorator without `functools.wraps` gives one and the same name.

## What happens

Celery names a task after the function that it gets: here the wrapper, each time. Two tasks so
wrapped are one to the worker, and which of the two functions runs is a matter of chance.

```python bad
from celery import shared_task

def timed(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

@shared_task
@timed
 ^^^^^ CEL909
def charge(order_id): ...

@shared_task
@timed
 ^^^^^ CEL909
def refund(order_id): ...
```

## Use instead

```python good
import functools
from celery import shared_task

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

@shared_task
@timed
def charge(order_id): ...

@shared_task
@timed
def refund(order_id): ...
```

## Exceptions

A single task under the decorator, tasks of different applications, tasks with a `name=`, and
decorators whose code is not in the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, rule
from flake8_celery.core.model import Task
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.naming import RENAMER
from flake8_celery.core.syntax.flow import names_used, returned, walk
from flake8_celery.record import NamedTuple


class Hidden(NamedTuple):
    """The decorator that replaces a task's function, and the function that it puts there."""

    decorator: ast.expr
    wrapper: ast.AST


@rule(
    "CEL909",
    "wrapper-hides-name",
    pylint="W8781",
    on=Task,
    message="%s names each task after its wrapper: %s and %s are registered as one: use "
    "functools.wraps, or give each a name",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    model = context.model
    found = hidden(task, model)
    if found is None or model.module.says(RENAMER):
        return
    for other in model.of(Task):
        if other is not task and other.function is not task.function and _one_app(task, other):
            if _is_branch(task, other):
                continue
            again = hidden(other, model)
            if again is not None and again.wrapper is found.wrapper:
                shown = ast.unparse(found.decorator).partition("(")[0]
                yield Problem(found.decorator, (shown, task.name, other.name))
                return


def hidden(task: Task, model: Model) -> Hidden | None:
    """Which decorator hides the name of a task that has no other; None where none surely does."""
    if not task.below or task.style not in ("app", "shared") or task.arguments.splat_keywords:
        return None
    if task.own("name") is not None:
        return None
    # the outermost decides: what it returns is what Celery gets
    wrapper = _put_in_place(task.below[0], task.region, model)
    return Hidden(task.below[0], wrapper) if wrapper is not None else None


def _put_in_place(node: ast.expr, region: Region, model: Model) -> ast.AST | None:
    """The plain inner function that a decorator returns instead of the one it is given."""
    call = node if isinstance(node, ast.Call) else None
    found = model.function_at(call.func if call is not None else node, region)
    if found is None:
        return None
    function: ast.AST | None = found[0]
    if isinstance(function, FunctionNode) and function.decorator_list:
        return None
    if any(name in names_used([found[0]]) for name in ("wraps", "update_wrapper")):
        return None
    for inner in ast.walk(found[0]):
        if isinstance(inner, ast.Attribute) and inner.attr in (
            "wraps",
            "update_wrapper",
            "__name__",
        ):
            return None
    for _ in range(2 if call is not None else 1):
        function = _inner(function)
    return function


def _inner(function: ast.AST | None) -> ast.AST | None:
    """The undecorated function inside another that this returns, always."""
    if not isinstance(function, FunctionNode):
        return None
    names = {node.id if isinstance(node, ast.Name) else "" for node in returned(function)}
    if len(names) != 1:
        return None
    name = names.pop()
    bound = [n for n in walk(function.body) if getattr(n, "name", "") == name]
    stored = [
        n
        for n in walk(function.body)
        if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
    ]
    if len(bound) != 1 or stored or not isinstance(bound[0], FunctionNode):
        return None
    return None if bound[0].decorator_list else bound[0]


def _one_app(task: Task, other: Task) -> bool:
    return task.application is other.application or (
        task.application is not None
        and other.application is not None
        and task.application.target is not None
        and task.application.target == other.application.target
    )


def _is_branch(task: Task, other: Task) -> bool:
    """Whether the two stand in different blocks, of which perhaps only one runs."""
    return task.region is not other.region
