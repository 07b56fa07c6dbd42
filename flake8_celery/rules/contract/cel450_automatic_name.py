"""A task without a name of its own.

## What happens

Celery names it after its module and function. Moving the file, renaming the function or importing the
module under another path renames the task: the messages that wait then meet workers which don't know
their name, "Received unregistered task", and are thrown away.

```python bad
from celery import shared_task

@shared_task
 ^^^^^^^^^^^ CEL450
def charge(order): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(name="shop.charge")
def charge(order): ...
```

Where the tasks are many, `flake8-celery lock` guards the automatic names as well: CEL410 tells when one
is gone.

## When to switch it on

Before modules are moved, or from the first task on: with 464 findings in 25 real projects it tells
two tasks of three, each rightly, and most of them will never move.

## Exceptions

Names given by `**options`, and by a decorator of the project's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task
from flake8_celery.core.model.naming import name_of


@rule(
    "CEL450",
    "automatic-name",
    pylint="R8676",
    on=Task,
    message="its name %r follows from the module and the function: moving either renames the task",
    default=False,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style not in ("app", "shared") or task.arguments.splat_keywords:
        return
    name = name_of(task)
    if name.value is None or name.explicit:
        return
    place = task.call.func if task.call is not None else task.decorator
    if place is not None:
        yield Problem(place, (name.value,))
