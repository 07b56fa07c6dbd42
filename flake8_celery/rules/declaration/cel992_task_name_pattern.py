"""A task whose name is not of the form that the project wants.

## What happens

What your project says: `celery-task-name` is a regular expression that the whole name has to match.

```ini
[flake8]
celery-task-name = shop\\.[a-z_]+\\.[a-z_]+
```

```python bad celery-task-name=shop\\.[a-z_.]+
from celery import shared_task

@shared_task(name="ChargeOrder")
                  ^^^^^^^^^^^^^ CEL992
def charge(order_id): ...
```

## Use instead

```python good celery-task-name=shop\\.[a-z_.]+
from celery import shared_task

@shared_task(name="shop.orders.charge")
def charge(order_id): ...
```

## Exceptions

Names that can't be told. The automatic name of a task, from its module and function, counts as any
other; `celery-require = name` wants every name written out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, defined_name, rule
from flake8_celery.core.model import Option, Task
from flake8_celery.core.model.naming import name_of


@rule(
    "CEL992",
    "task-name-pattern",
    pylint="R8798",
    on=Task,
    option="celery-task-name",
    message="the task's name %s does not match celery-task-name (%s)",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    pattern = context.options.celery_task_name
    if pattern is None or (task.style == "class" and task.function is None):
        return
    name = name_of(task)
    if name.value is not None and pattern.fullmatch(name.value) is None:
        yield Problem(_place(task, name.explicit, context), (name.value, pattern.pattern))


def _place(task: Task, explicit: bool, context: Context) -> ast.AST | Span:
    option = task.own("name")
    if explicit and isinstance(option, Option):
        return option.value
    return defined_name(task.function if task.style != "class" else task.node, context.module)  # type: ignore[arg-type]
