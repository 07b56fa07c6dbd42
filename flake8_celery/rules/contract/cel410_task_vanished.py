"""A task that is deployed is gone: removed, renamed or moved.

## What happens

Messages carry the task's name. Those that wait in a queue, in an ETA or in a retry, and those that old
senders and beat go on writing, still carry the old one. The worker logs "Received unregistered task",
discards the message, and nothing fails where anybody looks.

The lock holds `build_report(month)` of `shop/reports.py`:

```python bad file=examples/locked/shop/reports.py
from celery import shared_task
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL410

@shared_task
def make_report(month): ...
```

## Use instead

Keep a task under the old name until no message of it waits. It *calls* the new function: sending the
new task would fail where old workers get it.

```python good file=examples/locked/shop/reports.py
from celery import shared_task

@shared_task
def make_report(month): ...

@shared_task(name="shop.reports.build_report")
def old_build_report(*args, **kwargs):
    return make_report(*args, **kwargs)
```

## Exceptions

A task that keeps its name may go to another file, if that file is the lock's, lies beside this one or
is imported by it. Where a task of the module has a name that can't be told, nothing is said. Only files
below the lock's folder are compared. `flake8-celery lock --accept NAME` takes a task out for good.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL410",
    "task-vanished",
    pylint="E8610",
    on=Change,
    message="the task %s of %s is gone from here: %s; keep a task of that name",
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL410":
        yield Problem(fact.place, fact.arguments)
