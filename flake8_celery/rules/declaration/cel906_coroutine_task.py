"""A task that is an `async def`.

## What happens

Celery calls the function and gets a coroutine, which nobody awaits: the body never runs. The task ends
as FAILURE, for a coroutine can't be serialised, or as SUCCESS if its result is ignored.

```python bad
from celery import shared_task

@shared_task
async def fetch(url):
^^^^^ CEL906
    ...
```

## Use instead

```python good
import asyncio
from celery import shared_task

async def _fetch(url): ...

@shared_task
def fetch(url):
    return asyncio.run(_fetch(url))
```

## Exceptions

`celery-async-tasks = yes`, `celery-pool = custom`, another decorator below, and a Task class that
defines `__call__`.

```python good celery-async-tasks=yes
from celery import shared_task

@shared_task
async def fetch(url):
    ...
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Task


@rule(
    "CEL906",
    "coroutine-task",
    pylint="E8725",
    on=Task,
    message="%s is a coroutine that Celery never awaits, its body never runs: use a plain function and "
    "asyncio.run",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    function = task.function
    if isinstance(function, ast.AsyncFunctionDef) and runs_as_it_is(task, context):
        line, column = function.lineno, function.col_offset
        yield Problem(Span(line, column, line, column + len("async")), (task.name,))


def runs_as_it_is(task: Task, context: Context) -> bool:
    """Tell whether Celery itself calls the very function: no decorator, class or pool in between."""
    options = context.options
    if options.celery_async_tasks or "custom" in options.celery_pool or task.below:
        return False
    base = task.base
    return base.lacks("__call__") and (task.style == "class" or base.lacks("run"))
