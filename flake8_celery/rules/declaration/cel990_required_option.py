"""A task without an option that the project wants on every task.

## What happens

What your project says: `celery-require` names the options.

```ini
[flake8]
celery-require =
    queue
    time_limit, soft_time_limit @ shop/payments/* shop/mail/*
```

```python bad celery-require=queue,time_limit
from celery import shared_task

@shared_task(time_limit=60)
 ^^^^^^^^^^^ CEL990
def charge(order_id): ...
```

## Use instead

```python good celery-require=queue,time_limit
from celery import shared_task

@shared_task(time_limit=60, queue="payments")
def charge(order_id): ...
```

## Exceptions

An option that the Task class sets, or that a splat or an unknown decorator may give, counts as given;
settings don't. A Task class without `run` is a base for others. Behind `@` stand the files that it
holds for, from the folder of the configuration file. Options of your own (`owner`) may be required
too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, called_name, defined_name, rule
from flake8_celery.core.model import ABSENT, Task
from flake8_celery.core.model.purpose import in_force


@rule(
    "CEL990",
    "required-option",
    pylint="R8794",
    on=Task,
    option="celery-require",
    message="the task %s has no %s=, which celery-require asks for%s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    required = context.options.celery_require
    if not required or (task.style == "class" and task.function is None):
        return
    for item in in_force(required, context.model):
        if task.option(item.name) is ABSENT:
            where = f" in {' '.join(item.paths)}" if item.paths else ""
            yield Problem(_place(task, context), (task.name, item.name, where))


def _place(task: Task, context: Context) -> ast.AST | Span:
    if task.style == "class":
        return defined_name(task.node, context.module)
    return called_name(task.call or task.decorator or task.node)
