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

`celery-async-tasks = yes`, `celery-pool = custom`, a `worker_pool` of another package, another
decorator below, and a Task class whose `__call__` does more than call the function.

```python good celery-async-tasks=yes
from celery import shared_task

@shared_task
async def fetch(url):
    ...
```
```python good
from celery import Celery

app = Celery("shop")
app.conf.worker_pool = "celery_aio_pool.pool:AsyncIOPool"

@app.task
async def fetch(url):
    ...
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, Unknown, rule
from flake8_celery.core.model import Task


@rule(
    "CEL906",
    "coroutine-task",
    pylint="E8725",
    on=Task,
    words=("async",),
    message="%s is a coroutine that Celery never awaits, its body never runs: use a plain function and "
    "asyncio.run",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    function = task.function
    if isinstance(function, ast.AsyncFunctionDef) and runs_as_it_is(task, context):
        line, column = function.lineno, function.col_offset
        yield Problem(Span(line, column, line, column + len("async")), (task.name,))


_POOLS = frozenset({"prefork", "processes", "threads", "solo", "eventlet", "gevent"})


def _pool_may_await(task: Task, context: Context) -> bool:
    """Whether the workers' pool is one that Celery does not bring, as far as source tells."""
    values = context.configuration(task).values("worker_pool")
    if not isinstance(values, Unknown) and not all(_is_own(value) for value in values):
        return True
    application = task.full_application
    homes = {context.module, application.home if application is not None else None}
    return any(home is not None and home.says("celery_aio_pool") for home in homes)


def _is_own(pool: object) -> bool:
    """Whether a pool is one of Celery's, none of which awaits anything."""
    return str(pool) in _POOLS or str(pool).startswith("celery.")


def runs_as_it_is(task: Task, context: Context) -> bool:
    """Tell whether Celery itself calls the very function: no decorator, class or pool in between."""
    options = context.options
    if options.celery_async_tasks or "custom" in options.celery_pool or task.below:
        return False
    if _pool_may_await(task, context):
        return False
    base = task.base
    return base.returns_plainly and (task.style == "class" or base.lacks("run"))
