"""`bind=True` on a function with no parameter to take the task.

## What happens

A bound task gets itself as first argument. Without a place for it every `delay` raises TypeError.

```python bad
from celery import shared_task

@shared_task(bind=True)
             ^^^^ CEL901
def ping():
    return "pong"
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def ping(self):
    return self.request.id

@shared_task
def pong():
    return "ping"
```

## Exceptions

`*args`, and another decorator below, which may add the parameter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, name_of, rule
from flake8_celery.core.model import Task


@rule(
    "CEL901",
    "bound-without-self",
    pylint="E8720",
    on=Task,
    message="%s has no parameter for the task that bind=True passes: every delay raises TypeError",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    keyword = task.arguments.keywords.get("bind")
    parameters = task.parameters
    if keyword is None or task.bind is not True or not isinstance(parameters, ast.arguments):
        return
    if not parameters.posonlyargs and not parameters.args and parameters.vararg is None:
        yield Problem(name_of(keyword), (task.name,))
