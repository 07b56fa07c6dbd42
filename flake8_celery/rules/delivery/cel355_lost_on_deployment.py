"""A task that may run longer than a deployment waits, and is acknowledged before it runs.

## What happens

TERM lets a worker finish what it runs; after the grace period the host sends KILL. A task that is
acknowledged early is then gone in the middle of its work, and never runs again.

```python bad celery-shutdown-grace=30
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(time_limit=600)
                     ^^^ CEL355
def report(): ...
```

## Use instead

```python good celery-shutdown-grace=30
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(time_limit=600, acks_late=True, reject_on_worker_lost=True)
def report(): ...

@app.task(time_limit=20)
def quick(): ...
```

## When to switch it on

With `celery-shutdown-grace`, once you know how long a deployment waits.

## Exceptions

Only with `celery-shutdown-grace`, in seconds. A task whose late acknowledgement or limit can't be
told.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task
from flake8_celery.core.settings.effective import effective, is_off, seconds


@rule(
    "CEL355",
    "lost-on-deployment",
    pylint="R8570",
    on=Task,
    default=False,
    message="%s may run %s s and a deployment kills it after %s s: it is acknowledged early and "
    "lost; give it acks_late=True",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    grace = context.options.celery_shutdown_grace
    if grace is None:
        return
    own = task.own("soft_time_limit") or task.own("time_limit")
    if own is None:
        return
    limits = [
        min(found)
        for name in ("time_limit", "soft_time_limit")
        if (found := seconds(effective(task, name, context.model)))
    ]
    if limits and min(limits) > grace and is_off(task, "acks_late", context.model):
        yield Problem(own.value, (task.name, f"{min(limits):g}", f"{grace:g}"))
