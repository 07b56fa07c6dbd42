"""A task with `yield` in it.

## What happens

Calling a generator function runs nothing of it. The worker gets a generator, which can't be
serialised: FAILURE, or SUCCESS without a run if the result is ignored.

```python bad
from celery import shared_task

@shared_task
def export(rows):
    for row in rows:
        yield row.id
        ^^^^^ CEL907
```

## Use instead

```python good
from celery import shared_task

@shared_task
def export(rows):
    return [row.id for row in rows]
```

## Exceptions

As for CEL906: a decorator below, or a Task class whose `__call__` does more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Task
from flake8_celery.rules.declaration.cel906_coroutine_task import runs_as_it_is


@rule(
    "CEL907",
    "generator-task",
    pylint="E8726",
    on=Task,
    words=("yield",),
    message="the yield makes %s a generator, its body never runs: return a list",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if not isinstance(task.function, ast.FunctionDef):
        return
    for node in context.model.yields_of(task.function):
        if runs_as_it_is(task, context):
            line, column = node.lineno, node.col_offset
            yield Problem(Span(line, column, line, column + len("yield")), (task.name,))
        return
