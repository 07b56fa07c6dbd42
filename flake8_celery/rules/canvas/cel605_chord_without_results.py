"""A chord on a result backend that can't count its header.

## What happens

A chord's body is sent once the results of the header are in. The disabled and the rpc backend can't
tell: sending the chord, or a group piped into a task, raises NotImplementedError. With the database or
the file backend a header task that ignores its result never counts, and the body waits for ever.

```python bad celery-backend=rpc
from celery import chord, group, shared_task

@shared_task
def count(n): ...

@shared_task
def total(numbers): ...

def run():
    chord([count.s(1), count.s(2)], total.s()).delay()
    ^^^^^ CEL605
    (group(count.s(1), count.s(2)) | total.s()).delay()
     ^^^^^ CEL605
```
```python bad celery-backend=database
from celery import chord, shared_task

@shared_task(ignore_result=True)
def count(n): ...

@shared_task
def total(numbers): ...

def run():
    chord([count.s(1), count.s(2)], total.s()).delay()
           ^^^^^^^^^^ CEL605
```

## Use instead

Redis, or a backend that stores results, and header tasks that keep theirs.

```python good celery-backend=redis
from celery import chord, shared_task

@shared_task(ignore_result=True)
def count(n): ...

@shared_task
def total(numbers): ...

def run():
    chord([count.s(1), count.s(2)], total.s()).delay()
```

## Exceptions

Where no setting and no `celery-backend` says what the backend is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Span, Unknown, called_name, rule
from flake8_celery.core.model import Canvas, Fact, Option, Pipe

_CANT_COUNT: Final = frozenset({"disabled", "rpc"})
_COUNT_STORED: Final = frozenset({"database", "filesystem"})
_GROUPS: Final = frozenset({"celery.group", "celery.canvas.group"})


@rule(
    "CEL605",
    "chord-without-results",
    pylint="E8670",
    on=(Canvas, Pipe),
    message="%s: %s",
    raises=("NotImplementedError",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    place: ast.AST | Span | None = None
    if isinstance(fact, Canvas) and fact.kind == "chord":
        place = called_name(fact.call)
    elif isinstance(fact, Pipe):
        place = _group(fact, context)
    if place is None:
        return
    backend = context.configuration().backend
    if backend is None:
        return
    which = f"the {backend.name} backend" if backend.known else f"this backend ({backend.name})"
    if backend.name in _CANT_COUNT:
        told = f"NotImplementedError when it is sent, {which} can't count results"
        yield Problem(place, ("a chord", told))
    elif backend.name in _COUNT_STORED and isinstance(fact, Canvas):
        yield from _ignored(fact, which, context)


def _group(fact: Pipe, context: Context) -> ast.AST | Span | None:
    """Where the group stands on the left side of `group(...) | task.s()`, or None."""
    found = context.resolve.expression(fact.node.left, fact.region)
    if found is None:
        return None
    node, region = found
    if not isinstance(node, ast.Call) or context.resolve.qualname(node.func, region) not in _GROUPS:
        return None
    return called_name(node) if node is fact.node.left else fact.node.left


def _ignored(fact: Canvas, which: str, context: Context) -> Iterator[Problem]:
    """The first header task that stores no result."""
    for node, _ in fact.elements():
        dispatch = context.model.dispatches.get(node)
        if dispatch is None or dispatch.method not in ("s", "si"):
            continue
        task = dispatch.resolved_task()
        option = task.option("ignore_result") if task is not None else None
        if task is None or not isinstance(option, Option):
            continue
        values = task.option_values(option)
        if not isinstance(values, Unknown) and all(value is True for value in values):
            told = f"it ignores its result, so with {which} the chord's body waits for ever"
            yield Problem(node, (task.name, told))
            return
