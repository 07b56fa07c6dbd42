"""A task decorator on a method, whose instance nobody passes.

## What happens

The task is made once, when the class is, and knows of no instance: `order.charge.delay(5)` sends 5 as
`self`, and the worker fails for lack of an argument. With `bind=True` `self` is the task, and the
instance's attributes are not there. Under `@classmethod` no class is passed either.

```python bad
from celery import shared_task

class Order:
    total = 10

    @shared_task
    def charge(self, amount):
               ^^^^ CEL908
        ...

    @shared_task(bind=True)
    def refund(self):
               ^^^^ CEL908
        return self.total
```

## Use instead

```python good
from celery import shared_task

@shared_task
def charge(order_id, amount):
    Order.objects.get(pk=order_id).charge(amount)

class Order:
    def charge(self, amount): ...
```

## Exceptions

A bound task that uses nothing of the class, methods without `self`, Task classes, and options or
Task classes that may pass an instance.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, Span, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.flow import attributes_read
from flake8_celery.core.syntax.regions import CLASS
from flake8_celery.tables.task import TASK_ATTRIBUTES


@rule(
    "CEL908",
    "task-method",
    pylint="W8780",
    on=Task,
    words=("class",),
    message="%s of the task %s %s: use a function that takes a key",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    function = task.function
    if task.style == "class" or task.decorator is None or function is None:
        return
    first = [*function.args.posonlyargs, *function.args.args][:1]
    if task.region.kind is not CLASS or not first or task.below or _binds(task):
        return
    name = first[0].arg
    told = ""
    if _is_classmethod(task):
        told = "is the class, which no caller passes" if task.bind is False else ""
    elif task.above:
        return
    elif task.bind is False:
        told = "is the instance, which no caller passes" if name == "self" else ""
    elif task.bind is True:
        used = sorted(attributes_read(function.body, name) & _own_names(task.region, task))
        told = f"is the task, not the instance: it has no {used[0]}" if used else ""
    if told:
        line, column = first[0].lineno, first[0].col_offset
        yield Problem(
            Span(line, column, line, column + len(name.encode())), (name, task.name, told)
        )


def _binds(task: Task) -> bool:
    """Whether something in between may pass the instance."""
    if task.own("filter") is not None or task.arguments.splat_keywords or task.style == "project":
        return True
    return not (task.base.lacks("__call__") and task.base.lacks("apply_async"))


def _is_classmethod(task: Task) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == "classmethod" and task.region.is_builtin(node.id)
        for node in task.above
    )


def _own_names(region: Region, task: Task) -> set[str]:
    """What the class defines and the task does not have."""
    bound = set(region.scope.bindings)
    return {n for n in bound if n not in TASK_ATTRIBUTES and task.base.lacks(n)}
