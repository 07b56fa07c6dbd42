"""Retries with a backoff and without jitter.

## What happens

When a service is down a thousand tasks fail within a second. With `retry_jitter=False` all of them
come back in the same second, and again twice as late, in step: each wave may push the service over
again.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=True, retry_jitter=False)
                                                           ^^^^^^^^^^^^^^^^^^ CEL352
def push(order): ...
```

## Use instead

Jitter is on by default: each delay is drawn between nothing and the backoff.

```python good
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=5)
def push(order): ...
```

## When to switch it on

Where tasks call services that they can overrun. Of 668 tasks in the 22 packages that the rules are
tried on 16 switch the jitter off, all of them in one package; all 16 do come back in step. Leave it
off where delays must be exact.

## Exceptions

A backoff that can't be told or is off: then jitter is not read (CEL308).
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Option, Task


@rule(
    "CEL352",
    "retry-without-jitter",
    pylint="R8530",
    on=Task,
    default=False,
    message="without jitter all tasks that failed together come back together: leave out "
    "retry_jitter=False",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    jitter = task.own("retry_jitter")
    backoff = task.option("retry_backoff")
    if jitter is None or not isinstance(backoff, Option):
        return
    if not isinstance(task.option("autoretry_for"), Option):
        return
    off = context.every(jitter.value, jitter.region, lambda value: not value)
    if off and context.every(backoff.value, backoff.region, bool):
        yield Problem(jitter.keyword or jitter.value)
