"""A call that workers of the deployed code don't take.

## What happens

Workers and senders are not replaced at one instant. A message of the new sender that reaches a worker of
the old code fails there: TypeError, for as long as the deployment takes.

The lock holds `charge(order_id)`:

```python bad file=examples/locked/shop/payment.py
from celery import shared_task

@shared_task
def charge(order_id, amount=None): ...

@shared_task
def refund(order_id, reason=""): ...

def pay(order):
    charge.delay(order.pk, amount=order.amount)
                           ^^^^^^ CEL414
```

## Use instead

Two deployments: first the parameter (`flake8-celery lock` takes it in), then the call that uses it.

```python good file=examples/locked/shop/payment.py
from celery import shared_task

@shared_task
def charge(order_id, amount=None): ...

@shared_task
def refund(order_id, reason=""): ...

def pay(order):
    charge.delay(order.pk)
```

## Exceptions

A beat entry is a call too. One that does not fit the task as it is now either is CEL401's or CEL705's
matter. `apply()` and direct calls run
here and meet no worker. A task that is not deployed at all is CEL454's matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL414",
    "sent-before-deployed",
    pylint="W8614",
    on=Change,
    message="by %s workers that run the old %s don't take this call: %s; deploy them first",
    raises=("TypeError",),
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL414":
        yield Problem(fact.place, fact.arguments)
