"""`retry(throw=False)` whose result is not raised.

## What happens

With `throw=False` the message is sent again and `retry()` returns, instead of leaving the task: the
body goes on, and the task is stored as SUCCESS while its retries still run. Whoever waits for the
result gets that of a run that failed; callbacks and the next steps of a chain start at once.

```python bad
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    try:
        send(pk)
    except OSError as err:
        self.retry(exc=err, throw=False)
             ^^^^^ CEL303
    mark_as_sent(pk)
```
```python bad
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    try:
        return send(pk)
    except OSError as err:
        return self.retry(exc=err, throw=False)
                    ^^^^^ CEL303
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    try:
        send(pk)
    except OSError as err:
        again = self.retry(exc=err, throw=False)
        clean_up(pk)
        raise again
```

## Exceptions

A result that is handed on, where something else may raise it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Retry
from flake8_celery.core.syntax.flow import walk


@rule(
    "CEL303",
    "retry-result-ignored",
    pylint="W8518",
    on=Retry,
    message="retry(throw=False) doesn't leave the task: it counts as succeeded while it is retried; "
    "raise what retry() returns",
    body=True,
)
def check(fact: Retry, context: Context) -> Iterator[Problem]:
    throw = fact.arguments.get("throw", 3)
    if not context.every(throw, fact.region, lambda value: not value):
        return
    if _is_dropped(fact) and not context.for_development:
        yield Problem(called_name(fact.call))


def _is_dropped(fact: Retry) -> bool:
    """Whether nothing raises the exception that the call returns."""
    statement = fact.statement
    if isinstance(statement, (ast.Expr, ast.Return)):
        return statement.value is fact.call
    if not isinstance(statement, ast.Assign) or statement.value is not fact.call:
        return False
    if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
        return False
    function = fact.region.function
    body = getattr(function.node, "body", None) if function is not None else None
    name = statement.targets[0].id
    return isinstance(body, list) and name not in {
        node.id
        for node in walk(body, nested=True)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
