"""A chord is sent without a body.

## What happens

The body is what runs when all of the header is done. Sending a chord that has none raises
AttributeError.

```python bad
from celery import chord, shared_task

@shared_task
def load(pk): ...

def run():
    chord([load.s(1), load.s(2)])()
    ^^^^^ CEL610
```

## Use instead

A body, or a group if nothing is to follow.

```python good
from celery import chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(results): ...

def run():
    chord([load.s(1), load.s(2)])(total.s())
    chord([load.s(1), load.s(2)], total.s()).delay()
    group([load.s(1), load.s(2)])()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Arguments, Canvas


@rule(
    "CEL610",
    "missing-body",
    pylint="E8659",
    on=Canvas,
    message="this chord has no body and sending it raises AttributeError: give one, or use group",
    raises=("AttributeError",),
)
def check(fact: Canvas, context: Context) -> Iterator[Problem]:
    if fact.kind != "chord" or not fact.arguments.lacks("body", 1):
        return
    holder = context.module.parent(fact.call, fact.statement)
    position = 0
    if isinstance(holder, ast.Attribute) and holder.attr in ("delay", "apply_async"):
        if holder.attr == "delay":
            position = 0
        holder = context.module.parent(holder, fact.statement)
        position = 99
    elif not (isinstance(holder, ast.Call) and holder.func is fact.call):
        return
    if isinstance(holder, ast.Call) and Arguments(holder).lacks("body", position):
        yield Problem(called_name(fact.call), ())
