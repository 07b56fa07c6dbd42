"""Something that is no signature, in a chain, group or chord.

## What happens

A canvas is built from signatures. A task itself raises TypeError or AttributeError when the canvas is
called; `task.delay()` sends the task at once and its result then raises; calling the task runs it
here and now.

```python bad
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk), save).delay()
                      ^^^^ CEL601
    group([load.delay(1), load.delay(2)])()
           ^^^^^^^^^^^^^ CEL601
                          ^^^^^^^^^^^^^ CEL601
    (load.s(pk) | save).delay()
                  ^^^^ CEL601
```

## Use instead

```python good
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk), save.s()).delay()
    group([load.s(1), load.s(2)])()
    (load.s(pk) | save.s()).delay()
```

## Exceptions

A call of a task that may itself return a signature.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core import flow
from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Canvas, Fact, Pipe
from flake8_celery.core.source import Region

_TOLD = {
    "task": "a task is no signature: write %s.s(...)",
    "result": "this sends the task at once and its result is no signature: write .s(...)",
    "none": "None is no signature",
    "call": "this runs the task here and now: write .s(...)",
}


@rule(
    "CEL601",
    "not-a-signature",
    pylint="E8650",
    on=(Canvas, Pipe),
    message="%s",
    raises=("TypeError", "AttributeError"),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Pipe):
        for side in (fact.node.left, fact.node.right):
            yield from _judge(side, fact.region, context)
        return
    assert isinstance(fact, Canvas)
    for element, region in fact.elements():
        if fact.kind == "chain" or not isinstance(element, ast.Constant):
            yield from _judge(element, region, context)


def _judge(element: ast.expr, region: Region, context: Context) -> Iterator[Problem]:
    kind = context.only(element, region, {"task", "result", "none"})
    if kind == "none" and not isinstance(element, ast.Constant):
        return
    if not kind and _runs_here(element, region, context):
        kind = "call"
    if kind == "result" and isinstance(element, ast.Call):
        dispatch = context.model.dispatches.get(element)
        if dispatch is not None and not dispatch.certain:
            return
    if kind:
        told = _TOLD[kind]
        yield Problem(element, (told % ast.unparse(element) if kind == "task" else told,))


def _runs_here(element: ast.expr, region: Region, context: Context) -> bool:
    """Whether this is a plain call of a task that certainly returns no signature."""
    if not isinstance(element, ast.Call):
        return False
    task = context.resolve.task(element.func, region)
    if task is None or task.function is None or isinstance(element.func, ast.Call):
        return False
    returned = [
        node.value
        for node in flow.walk(task.function.body)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return all(
        isinstance(value, (ast.Constant, ast.BinOp, ast.Compare)) for value in returned
    ) and not any(
        isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr) for value in returned
    )
