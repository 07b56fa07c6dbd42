"""The default queue is not declared, and missing queues are not created.

## What happens

With `task_create_missing_queues = False` a queue has to stand in `task_queues`. A task without a queue
of its own goes to `task_default_queue`, which is `celery` unless set: each such `delay` raises
QueueNotFound.

```python bad
from celery import Celery
from kombu import Queue

app = Celery("shop")
app.conf.task_queues = (Queue("orders"), Queue("mail"))
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL509
app.conf.task_create_missing_queues = False
```

## Use instead

```python good
from celery import Celery
from kombu import Queue

app = Celery("shop")
app.conf.task_queues = (Queue("orders"), Queue("mail"))
app.conf.task_default_queue = "orders"
app.conf.task_create_missing_queues = False
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.routes import in_effect
from flake8_celery.core.model import Setting


@rule(
    "CEL509",
    "default-queue-undeclared",
    pylint="E8630",
    on=Setting,
    message="the default queue %r is not in task_queues and missing ones are not created: each "
    "delay without a queue raises QueueNotFound",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key not in ("task_queues", "task_default_queue") or fact.how != "=":
        return
    configuration = context.configuration()
    # reported once: where the default is named, else where the queues are
    if fact.key == "task_queues" and not configuration.absent("task_default_queue"):
        return
    queues = configuration.queues
    names, whole = configuration.task_queues()
    if queues.create_missing is not False or queues.default is None or not whole:
        return
    if queues.default not in names and in_effect(fact, configuration, context.model):
        yield Problem(fact.value, (queues.default,))
