"""The parameters of a deployed task changed places, or the way that they are given.

## What happens

A message by position holds values, not names. After a parameter was inserted or two were exchanged, the
arguments of waiting messages arrive in the wrong ones, mostly without any error. A parameter that
became keyword-only or positional-only ends in TypeError.

The lock holds `reserve(item_id, count)`:

```python bad file=examples/locked/shop/stock.py
from celery import shared_task

@shared_task
def reserve(count, item_id): ...
                   ^^^^^^^ CEL413
```
```python bad file=examples/locked/shop/stock.py
from celery import shared_task

@shared_task
def reserve(item_id, *, count): ...
                        ^^^^^ CEL413
```

`self` without `bind=True` takes an argument too:

```python bad file=examples/locked/shop/stock.py
from celery import shared_task

@shared_task
def reserve(self, item_id, count): ...
            ^^^^ CEL413
            ^^^^ CEL902
```

## Use instead

Leave those that exist as they are; put new ones behind them, or make the new ones keyword-only, with a
default. `bind=True` may come and go together with `self`: a message doesn't carry it.

```python good file=examples/locked/shop/stock.py
from celery import shared_task

@shared_task(bind=True)
def reserve(self, item_id, count, *, urgent=False): ...
```

## Exceptions

Parameters that only move up because one before them is gone: that is said once, by CEL412.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL413",
    "parameters-moved",
    pylint="E8613",
    on=Change,
    message="the parameter %s of the deployed task %s is not where it was: %s",
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL413":
        yield Problem(fact.place, fact.arguments)
