"""The value of `delay_on_commit` or `apply_async_on_commit` is used.

## What happens

Nothing has been sent yet when they return, so they return None: there is no result, no task id.

```python bad
from celery import shared_task

@shared_task
def notify(pk): ...

def save(order):
    result = notify.delay_on_commit(order.pk)
                    ^^^^^^^^^^^^^^^ CEL205
    order.task_id = result.id
```

## Use instead

Choose the id yourself and pass it.

```python good
from celery import shared_task
from celery.utils import uuid

@shared_task
def notify(pk): ...

def save(order):
    order.task_id = uuid()
    notify.apply_async_on_commit((order.pk,), task_id=order.task_id)
```

## Exceptions

Returning the value as it is, or a lambda made of the call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.module import Module


@rule(
    "CEL205",
    "on-commit-result-used",
    pylint="E8515",
    on=Dispatch,
    words=("_on_commit",),
    message="%s returns None, nothing has been sent yet: give a task_id of your own if you need one",
    body=True,
    raises=("AttributeError",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is not None and fact.method.endswith("_on_commit") and _used(fact, context.module):
        yield Problem(called_name(fact.call), (fact.method,))


def _used(fact: Dispatch, module: Module) -> bool:
    assert fact.call is not None
    holder = module.parent(fact.call, fact.statement)
    if isinstance(holder, (ast.Attribute, ast.Compare, ast.Subscript, ast.BinOp)):
        return True
    if isinstance(holder, ast.Assign) and len(holder.targets) == 1:
        target = holder.targets[0]
        scope = fact.region.scope.node
        body = getattr(scope, "body", None)
        if isinstance(target, ast.Name) and isinstance(body, list):
            return (
                any(
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == target.id
                    and node.lineno >= fact.statement.lineno
                    for node in walk(body)
                )
                and len(fact.region.scope.bindings.get(target.id, ())) == 1
            )
    return False
