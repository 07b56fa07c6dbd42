"""`bind=True` on a function with no parameter to take the task.

## What happens

A bound task gets itself as first argument. Without a place for it every `delay` raises TypeError.
Where the first parameter was meant for something else, the task lands in it: the arguments that are
given don't fit, or are off by one, and a body that names `self` ends in NameError.

```python bad
from celery import shared_task

@shared_task(bind=True)
             ^^^^ CEL901
def ping():
    return "pong"

@shared_task(bind=True)
             ^^^^ CEL901
def charge(order_id, amount):
    return self.request.id, order_id

@shared_task(bind=True)
             ^^^^ CEL901
def refund(order_id):
    return order_id

refund.delay(7)
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

`*args`, and another decorator below, which may add the parameter. A first parameter called `self`,
`task` or the like is the task's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.bound import taken_by_mistake
from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Task


@rule(
    "CEL901",
    "bound-without-self",
    pylint="E8720",
    on=Task,
    words=("bind",),
    message="%s has no parameter for the task that bind=True passes: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    keyword = task.arguments.keywords.get("bind")
    parameters = task.parameters
    if keyword is None or task.bind is not True or not isinstance(parameters, ast.arguments):
        return
    told = ""
    if parameters.posonlyargs or parameters.args:
        told = taken_by_mistake(task)
    elif parameters.vararg is None:
        told = "every delay raises TypeError"
    if told:
        yield Problem(keyword_name(keyword), (task.name, told))
