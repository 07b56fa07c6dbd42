"""A signature or a canvas is built and thrown away.

## What happens

`s()`, `si()`, `chain()`, `group()` and `chord()` only describe work. Nothing runs until the signature
is called or sent.

```python bad
from celery import chain, shared_task

@shared_task
def load(pk): ...

def run(pk):
    load.s(pk)
         ^ CEL609
    chain(load.s(1), load.si(2))
    ^^^^^ CEL609
```

## Use instead

```python good
from celery import chain, shared_task

@shared_task
def load(pk): ...

def run(pk):
    load.delay(pk)
    chain(load.s(1), load.si(2)).delay()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Canvas, Dispatch, Fact, Pipe


@rule(
    "CEL609",
    "signature-never-sent",
    pylint="E8658",
    on=(Dispatch, Canvas, Pipe),
    message="%s is built and thrown away: nothing runs until it is sent, add .delay()",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    statement = fact.statement
    if not isinstance(statement, ast.Expr) or statement.value is not fact.node:
        return
    if isinstance(fact, Dispatch):
        if fact.method in ("s", "si", "signature", "subtask", "map", "starmap", "chunks"):
            yield Problem(called_name(fact.node), ("this signature",))
    elif isinstance(fact, Canvas):
        complete = fact.kind != "chord" or fact.arguments.get("body", 1) is not None
        if complete:
            yield Problem(called_name(fact.node), (f"this {fact.kind}",))
    else:
        yield Problem(fact.node, ("this chain",))
