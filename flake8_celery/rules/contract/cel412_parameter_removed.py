"""A parameter of a deployed task is gone, and messages that hold it may wait.

## What happens

A message that gives the argument no longer binds: TypeError in the worker. A renamed parameter is one
that is gone and one that is new.

The lock holds `send_receipt(order_id, address)`:

```python bad file=examples/locked/shop/mail.py
from celery import shared_task

@shared_task
def send_receipt(order_id): ...
    ^^^^^^^^^^^^ CEL412
```

`**kwargs` takes what comes by name, and not what comes by position:

```python bad file=examples/locked/shop/mail.py
from celery import shared_task

@shared_task
def send_receipt(order_id, **kwargs): ...
    ^^^^^^^^^^^^ CEL412
```

## Use instead

Keep the parameter with a default and don't use it; stop sending it and deploy; remove it once no message
with it waits.

```python good file=examples/locked/shop/mail.py
from celery import shared_task

@shared_task
def send_receipt(order_id, address=None): ...
```

## Exceptions

What some call that the old signature accepts shows to fail is reported, nothing else: `*args` with
`**kwargs` take everything, and so does `**kwargs` for a parameter that was keyword-only.

```python good file=examples/locked/shop/mail.py
from celery import shared_task

@shared_task
def send_receipt(*args, **kwargs): ...
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL412",
    "parameter-removed",
    pylint="E8612",
    on=Change,
    message="the parameter %s was taken from the deployed task %s: %s; keep it with a default",
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL412":
        yield Problem(fact.place, fact.arguments)
