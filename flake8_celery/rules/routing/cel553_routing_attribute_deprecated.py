"""A task says itself where it goes: deprecated since Celery 5.7, gone in 6.0.

## What happens

Celery 5.7 warns of `queue`, `exchange`, `exchange_type`, `routing_key`, `priority` and
`delivery_mode` on a task; 6.0 no longer reads them, and the messages go to the default queue.

```python bad celery-target-version=5.7
from celery import shared_task

@shared_task(queue="mail")
             ^^^^^ CEL553
def remind(pk): ...
```

## Use instead

`task_routes`, or the queue at the call.

```python good celery-target-version=5.7
from celery import Celery

app = Celery("shop")
app.conf.task_routes = {"shop.tasks.remind": {"queue": "mail"}}

@app.task(name="shop.tasks.remind")
def remind(pk): ...
```

## When to switch it on

With `celery-target-version`, before an upgrade.

## Exceptions

Without `celery-target-version` of 5.7 or later nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.messages.routes import ROUTING_OPTIONS
from flake8_celery.core.model import Task


@rule(
    "CEL553",
    "routing-attribute-deprecated",
    pylint="R8634",
    on=Task,
    message="%s on a task is deprecated and gone in Celery 6: use task_routes, or give it at the call",
    default=False,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if version is None or version < (5, 7):
        return
    for name in (*ROUTING_OPTIONS, "exchange_type"):
        own = task.own(name)
        if own is not None and not context.only(own.value, own.region, {"none"}):
            yield Problem(keyword_name(own.keyword) if own.keyword else own.value, (name,))
