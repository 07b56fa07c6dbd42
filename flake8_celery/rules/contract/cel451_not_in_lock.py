"""A task that the lock doesn't hold yet.

## What happens

Nothing at run time. Changes to the task go unnoticed until it is in the lock.

```python bad file=examples/locked/shop/coupons.py
from celery import shared_task

@shared_task
def redeem(code): ...
    ^^^^^^ CEL451
```

## Use instead

`flake8-celery lock` takes it in.

```python good file=examples/locked/shop/images.py
from celery import shared_task

@shared_task(queue="slow")
def resize(image_id): ...
```

## When to switch it on

Where a lock is kept: without one it says nothing.

## Exceptions

Tasks of tests, and tasks whose name can't be told, which no lock holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL451",
    "not-in-lock",
    pylint="R8616",
    on=Change,
    message="the task %s is not in %s: flake8-celery lock takes it in",
    default=False,
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL451":
        yield Problem(fact.place, fact.arguments)
