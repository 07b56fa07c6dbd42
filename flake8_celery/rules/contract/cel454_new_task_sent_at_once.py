"""A task that is not deployed yet is sent.

## What happens

Workers of the old code don't know the task: "Received unregistered task", and the message is discarded.
As long as old workers run beside the new senders, some of these messages are lost.

```python bad file=examples/locked/shop/coupons.py
from celery import shared_task

@shared_task
def redeem(code): ...

def use(code):
    redeem.delay(code)
           ^^^^^ CEL454
```

## Use instead

Deploy the workers with the new task first and take it into the lock (`flake8-celery lock`), then send it.

```python good file=examples/locked/shop/images.py
from celery import shared_task

@shared_task(queue="slow")
def resize(image_id): ...

def upload(image):
    resize.delay(image.pk)
```

## When to switch it on

Where a lock is kept, and senders may be deployed before workers.

## Exceptions

Off by default: where workers are always replaced before the senders nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL454",
    "new-task-sent-at-once",
    pylint="R8617",
    on=Change,
    message="the task %s is not in %s: workers that run the old code discard this message",
    default=False,
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL454":
        yield Problem(fact.place, fact.arguments)
