"""A misspelt method of a task, or attribute of its request.

## What happens

AttributeError when the line runs, which may be rarely.

```python bad
from celery import shared_task

@shared_task
def sync(pk): ...

def later(pk):
    sync.async_apply((pk,))
         ^^^^^^^^^^^ CEL917
    sync.dealy(pk)
         ^^^^^ CEL917

@shared_task(bind=True)
def count(self):
    return self.request.retris
                        ^^^^^^ CEL917
```

## Use instead

```python good
from celery import shared_task

@shared_task
def sync(pk): ...

def later(pk):
    sync.apply_async((pk,))
    sync.delay(pk)

@shared_task(bind=True)
def count(self):
    return self.request.retries
```

## Exceptions

Names that the Task class defines, as far as it can be read, or that the module sets on the task
itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Task, TaskAttribute
from flake8_celery.core.syntax.flow import walk
from flake8_celery.tables.confusions import METHOD_CONFUSIONS, REQUEST_ATTRIBUTES, near_miss
from flake8_celery.tables.task import TASK_ATTRIBUTES, TASK_METHODS

_METHODS = tuple(sorted(TASK_METHODS))


@rule(
    "CEL917",
    "unknown-task-method",
    pylint="E8736",
    on=(TaskAttribute, Task),
    words={Task: (".request.",)},
    message="a task%s has no %s: AttributeError, did you mean %s?",
    raises=("AttributeError",),
)
def check(fact: TaskAttribute | Task, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        yield from _of_request(fact, context)
        return
    name = fact.node.attr
    task = fact.task
    if name in TASK_ATTRIBUTES or not isinstance(fact.node.ctx, ast.Load):
        return
    if name in task.arguments.keywords or not task.base.would_lack(name) or task.above:
        return
    for statement, _ in context.model.candidates.assigns:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    return
    meant = METHOD_CONFUSIONS.get(name) or near_miss(name, _METHODS)
    if meant is not None:
        yield Problem(called_name(fact.node), ("", name, meant))


def _of_request(task: Task, context: Context) -> Iterator[Problem]:
    """Misspelt attributes of the request of a bound task, in its body."""
    name = task.self_name
    if name is None or task.function is None or not context.module.says(f"{name}.request."):
        return
    set_here = {
        node.attr
        for node in walk(task.function.body, nested=True)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    for node in walk(task.function.body, nested=True):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "request"
            and isinstance(node.value.value, ast.Name)
            and node.value.value.id == name
            and node.attr not in set_here
        ):
            meant = near_miss(node.attr, REQUEST_ATTRIBUTES)
            if meant is not None:
                yield Problem(called_name(node), ("'s request", node.attr, meant))
