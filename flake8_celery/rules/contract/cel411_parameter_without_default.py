"""A parameter of a deployed task has no default, and messages without it may wait.

## What happens

Messages that were written before the change don't hold the new argument: TypeError in the worker, for
each of them. So does what senders write that are replaced later than the workers.

The lock holds `charge(order_id)` and `refund(order_id, reason="")`:

```python bad file=examples/locked/shop/payment.py
from celery import shared_task

@shared_task
def charge(order_id, amount): ...
                     ^^^^^^ CEL411

@shared_task
def refund(order_id, reason): ...
                     ^^^^^^ CEL411
```

## Use instead

Add it with a default and deploy; then send it everywhere and deploy; then, once no message without it
waits, drop the default.

```python good file=examples/locked/shop/payment.py
from celery import shared_task

@shared_task
def charge(order_id, amount=None): ...

@shared_task
def refund(order_id, reason=""): ...
```

## Exceptions

A parameter that stands where another one was is a rename, and CEL412's matter. Parameters that can't be
told (another decorator below, a Task class that makes the call) are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL411",
    "parameter-without-default",
    pylint="E8611",
    on=Change,
    message="the parameter %s of the deployed task %s needs a default: %s",
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL411":
        yield Problem(fact.place, fact.arguments)
