"""`on_commit` is given the result of a dispatch instead of a function.

## What happens

`transaction.on_commit(task.delay(pk))` calls `delay` at once: the message is sent before the
commit, the worker may not find the row, and a rollback does not take it back. Then `on_commit`
raises `TypeError: on_commit()'s callback must be a callable`.

```python bad
from celery import shared_task
from django.db import transaction

@shared_task
def notify(pk): ...

def save(order):
    transaction.on_commit(notify.delay(order.pk))
                          ^^^^^^^^^^^^^^^^^^^^^^ CEL202
```

## Use instead

A function that sends later, or Celery's own shortcut (5.4 and newer).

```python good
from functools import partial
from celery import shared_task
from django.db import transaction

@shared_task
def notify(pk): ...

def save(order):
    transaction.on_commit(partial(notify.delay, order.pk))
    transaction.on_commit(lambda: notify.delay(order.pk))
    notify.delay_on_commit(order.pk)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import OnCommit


@rule(
    "CEL202",
    "on-commit-called-now",
    pylint="E8512",
    on=OnCommit,
    message="this sends at once, before the commit, and on_commit raises TypeError: give it a "
    "function, partial(%s, ...) or a lambda",
    raises=("TypeError",),
)
def check(fact: OnCommit, context: Context) -> Iterator[Problem]:
    callback = fact.arguments.get("func", 0)
    if callback is not None and context.only(callback, fact.region, {"result"}):
        dispatch = fact.dispatch
        name = f"{dispatch.name}.{dispatch.method}" if dispatch is not None else "send"
        yield Problem(callback, (name,), callback)
