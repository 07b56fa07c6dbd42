"""A task is sent by a name that a decorator above the task decorator has made a plain function.

## What happens

Decorators run from below: one above `@app.task` gets the task, and most give a function back. The name
means that function then: `.delay` is an AttributeError. Workers run the task as it is below, without
what the decorator adds: no transaction, no report to the monitor.

```python bad
from celery import shared_task
from django.db import transaction

@transaction.atomic
@shared_task
def close_day(day): ...

def close(day):
    close_day.delay(day)
              ^^^^^ CEL925
```
```python bad
import functools

from celery import shared_task

def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print(function.__name__)
        return function(*args, **kwargs)
    return wrapper

@logged
@shared_task
def close_day(day): ...

def close(day):
    close_day.apply_async((day,), countdown=5)
              ^^^^^^^^^^^ CEL925
```

## Use instead

```python good
from celery import shared_task
from django.db import transaction

@shared_task
@transaction.atomic
def close_day(day): ...

def close(day):
    close_day.delay(day)
```

## Exceptions

Decorators that return what they were given, set attributes on what they return, or can't be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, called_name, rule
from flake8_celery.core.model import Dispatch, Function, Task
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.flow import always_exits, walk
from flake8_celery.tables.libraries import hides_tasks
from flake8_celery.tables.wrapping import RETURN_FUNCTIONS

_PLAIN, _SAME, _OTHER = "a function", "what it was given", "anything"


@rule(
    "CEL925",
    "wrapped-from-outside",
    pylint="E8759",
    on=Dispatch,
    message="%s is what @%s returned, a function without %s: put the task decorator above it",
    raises=("AttributeError",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.on not in ("task", "imported"):
        return
    if context.model.is_self(fact.receiver, fact.region) is not None:
        return
    task = fact.resolved_task()
    if task is None or not task.above or task.again:
        return
    by = _made_plain(task)
    if by:
        yield Problem(called_name(fact.node), (fact.name, by, fact.method), task.node)


def _made_plain(task: Task) -> str:
    """The decorator above a task that leaves a plain function of it, or an empty text."""
    by = ""
    for decorator in reversed(task.above):
        what = _returns(decorator, task.region, model_of(task))
        if what is _OTHER:
            return ""
        if what is _PLAIN:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            by = ast.unparse(func)
    return by


def _returns(decorator: ast.expr, region: Region, model: Model) -> str:
    """What a decorator makes of a task."""
    called = isinstance(decorator, ast.Call)
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = model.resolver.qualname(func, region)
    if name in RETURN_FUNCTIONS or hides_tasks(name):
        return _PLAIN
    found = model.function_at(func, region)
    if found is None:
        return _OTHER
    function, _, home = found
    if function.decorator_list:
        single = function.decorator_list[0] if len(function.decorator_list) == 1 else None
        around = home.module.region
        if called and single is not None:
            name = home.resolver.qualname(single, around)
            # what contextlib makes of a generator can be used as a decorator
            return _PLAIN if name == "contextlib.contextmanager" else _OTHER
        return _OTHER
    if called:
        inner = _inner(function)
        return _of(inner) if inner is not None and not inner.decorator_list else _OTHER
    return _of(function)


def _of(function: Function) -> str:
    """What a decorator returns, by its returns: a function of its own, or its parameter."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    returned = syntax_flow.returned(function)
    if not arguments or not returned or isinstance(function, ast.AsyncFunctionDef):
        return _OTHER
    if all(isinstance(v, ast.Name) and v.id == arguments[0].arg for v in returned):
        return _SAME
    inner = _inner(function)
    if inner is None or not always_exits(function.body):
        return _OTHER
    if any(not _is_wraps(decorator) for decorator in inner.decorator_list):
        return _OTHER
    return _OTHER if _touched(function, inner.name) else _PLAIN


def _inner(function: Function) -> Function | None:
    """The one function made in another that all of its returns name."""
    names = {v.id if isinstance(v, ast.Name) else "" for v in syntax_flow.returned(function)}
    made = [s for s in walk(function.body) if isinstance(s, FunctionNode)]
    if len(names) != 1:
        return None
    named = [inner for inner in made if inner.name in names]
    return named[0] if len(named) == 1 else None


def _is_wraps(decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(func, "id", getattr(func, "attr", "")) == "wraps"


def _touched(function: Function, name: str) -> bool:
    """Whether a decorator does more with its own function than to return it: `wrapper.delay = ...`."""
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(outer, ast.Return)
        for outer in walk(function.body)
        for node in ast.iter_child_nodes(outer)
    )
