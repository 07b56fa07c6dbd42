"""Queues are declared, and Celery still creates any other.

## What happens

A misspelt queue name makes a queue that nobody consumes. With `task_create_missing_queues = False`
sending to it raises QueueNotFound at once.

```python bad
from celery import Celery
from kombu import Queue

app = Celery("shop")
app.conf.task_queues = (Queue("celery"), Queue("mail"))
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL552
```

## Use instead

```python good
from celery import Celery
from kombu import Queue

app = Celery("shop")
app.conf.task_queues = (Queue("celery"), Queue("mail"))
app.conf.task_create_missing_queues = False
```

## When to switch it on

Where queue names are written by hand. In 25 real projects one application declares queues and still
makes others.

## Exceptions

Projects without `task_queues`.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.routes import in_effect
from flake8_celery.core.model import Setting


@rule(
    "CEL552",
    "missing-queues-created",
    pylint="R8633",
    on=Setting,
    message="a misspelt queue is created without a word: set task_create_missing_queues = False",
    default=False,
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != "task_queues" or fact.how != "=":
        return
    configuration = context.configuration()
    if configuration.queues.create_missing and in_effect(fact, configuration, context.model):
        yield Problem(fact.value, ())
