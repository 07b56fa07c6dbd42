"""A task that may be retried without end.

## What happens

`max_retries=None` lifts the limit of 3: a message that can never succeed is sent again for ever.
With automatic retries each such message stays with the workers until somebody purges it.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=None)
                                                                       ^^^^ CEL354
def fetch(url): ...
```

## Use instead

A number that covers the longest outage you want to ride out: under backoff 10 retries take half an
hour.

```python good
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=10)
def fetch(url): ...
```

## When to switch it on

Where nobody empties queues by hand. In 25 real projects it tells 11 tasks of four; that each may
come back for ever is what it says, whether it should is for you to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task


@rule(
    "CEL354",
    "unlimited-retries",
    pylint="R8560",
    on=Task,
    message="max_retries=None: a message that can't succeed is retried for ever",
    default=False,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    own = task.own("max_retries")
    if own is not None and context.every(own.value, own.region, lambda value: value is None):
        yield Problem(own.value)
