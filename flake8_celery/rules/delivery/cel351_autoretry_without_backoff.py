"""Automatic retries that all wait equally long.

## What happens

Without `retry_backoff` every retry waits the same three minutes (`default_retry_delay`). What failed
together comes back together, on the very service that just fell over, and with three retries an outage
of ten minutes is not survived.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(ConnectionError,))
             ^^^^^^^^^^^^^ CEL351
def fetch(url): ...
```

## Use instead

Delays that grow: 1, 2, 4, ... seconds, each drawn at random below that (`retry_jitter`, on by default),
at most `retry_backoff_max`.

```python good
from celery import shared_task

@shared_task(autoretry_for=(ConnectionError,), retry_backoff=True, max_retries=10)
def fetch(url): ...
```

## When to switch it on

Where many tasks lean on one service that may fall over. In 25 real projects it tells 5 tasks, all of
one.

## Exceptions

A task that sets its own delay (`default_retry_delay`, `retry_kwargs` with a countdown) or no retries at
all, and one whose Task class can't be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import ABSENT, Task


@rule(
    "CEL351",
    "autoretry-without-backoff",
    pylint="R8571",
    on=Task,
    message="without retry_backoff all that failed together is tried together again, 3 minutes later",
    default=False,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    own = task.own("autoretry_for")
    if own is None or _is_empty(own.value) or task.option("retry_backoff") is not ABSENT:
        return
    for name in ("default_retry_delay", "retry_kwargs"):
        if task.option(name) is not ABSENT:
            return
    limit = task.own("max_retries")
    if limit is not None and context.every(limit.value, limit.region, lambda value: value == 0):
        return
    yield Problem(keyword_name(own.keyword) if own.keyword is not None else own.value)


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, (ast.Tuple, ast.List)) and not value.elts
