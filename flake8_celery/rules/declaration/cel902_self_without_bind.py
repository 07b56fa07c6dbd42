"""A task whose first parameter is `self`, without `bind=True`.

## What happens

Only a bound task gets itself. Here `self` is an ordinary argument that no caller passes: TypeError at
each `delay`, or the first argument lands in `self`.

```python bad
from celery import shared_task

@shared_task
def sync(self, pk):
         ^^^^ CEL902
    ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    ...
```

## Exceptions

Methods, other decorators below, splatted options, and a Task class whose `__call__` or
`apply_async` passes something itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.regions import CLASS


@rule(
    "CEL902",
    "self-without-bind",
    pylint="W8721",
    on=Task,
    words=("self",),
    message="self is an ordinary argument of %s, which nobody passes: add bind=True",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    parameters = task.parameters
    if task.style == "class" or task.bind is not False or not isinstance(parameters, ast.arguments):
        return
    first = [*parameters.posonlyargs, *parameters.args][:1]
    if not first or first[0].arg != "self" or task.region.kind is CLASS:
        return
    if task.base.keeps_itself and task.base.sends_plainly:
        place = first[0]
        end = place.col_offset + len("self")
        yield Problem(Span(place.lineno, place.col_offset, place.lineno, end), (task.name,))
