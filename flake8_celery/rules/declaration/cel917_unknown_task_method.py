"""A misspelt method of a task.

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
```

## Use instead

```python good
from celery import shared_task

@shared_task
def sync(pk): ...

def later(pk):
    sync.apply_async((pk,))
    sync.delay(pk)
```

## Exceptions

A Task class that can't be read, and names that the module sets on the task itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import TaskAttribute
from flake8_celery.facts.confusions import METHOD_CONFUSIONS, near_miss
from flake8_celery.facts.task import TASK_ATTRIBUTES, TASK_METHODS

_METHODS = tuple(sorted(TASK_METHODS))


@rule(
    "CEL917",
    "unknown-task-method",
    pylint="E8736",
    on=TaskAttribute,
    message="a task has no %s: AttributeError, did you mean %s?",
    raises=("AttributeError",),
)
def check(fact: TaskAttribute, context: Context) -> Iterator[Problem]:
    name = fact.node.attr
    task = fact.task
    if name in TASK_ATTRIBUTES or not isinstance(fact.node.ctx, ast.Load):
        return
    if name in task.arguments.keywords or not task.base.lacks(name) or task.above:
        return
    for statement, _ in context.model.candidates.assigns:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    return
    meant = METHOD_CONFUSIONS.get(name) or near_miss(name, _METHODS)
    if meant is not None:
        yield Problem(called_name(fact.node), (name, meant))
