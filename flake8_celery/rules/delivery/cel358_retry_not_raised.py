"""`self.retry()` without `raise`.

## What happens

`retry()` raises by itself, so the task is retried all the same; but a reader, a type checker and
pylint take the lines behind it for reachable, and a function that returns a value for one that may
return None.

```python bad
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    try:
        answer = send(pk)
    except OSError as err:
        self.retry(exc=err)
             ^^^^^ CEL358
    return answer.id
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    try:
        answer = send(pk)
    except OSError as err:
        raise self.retry(exc=err)
    return answer.id
```

## When to switch it on

For one style in a code base, as Celery's documentation writes it. No finding is a defect: all 17 in
the packages that the rules are tried on do retry.

## Exceptions

`retry(throw=False)`, which does not raise (CEL303), and arguments that may hold it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Retry


@rule(
    "CEL358",
    "retry-not-raised",
    pylint="C8531",
    on=Retry,
    default=False,
    message="retry() raises, which nothing here shows: write raise %s(...)",
    body=True,
)
def check(fact: Retry, context: Context) -> Iterator[Problem]:
    statement = fact.statement
    if not isinstance(statement, ast.Expr) or statement.value is not fact.call:
        return
    arguments = fact.arguments
    if arguments.lacks("throw", 3) and not arguments.splat:
        yield Problem(called_name(fact.call), (ast.unparse(fact.call.func),))
