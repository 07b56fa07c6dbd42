"""`Reject(requeue=True)` in a task that is acknowledged before it runs.

## What happens

The message is gone already, nothing is left to put back. The task ends without a state: it is
PENDING for ever, and never runs again.

```python bad
from celery import Celery
from celery.exceptions import Reject

app = Celery("shop", broker="amqp://")

@app.task(bind=True)
def charge(self, pk):
    raise Reject("busy", requeue=True)
                         ^^^^^^^^^^^^ CEL317
```

## Use instead

```python good
from celery import Celery
from celery.exceptions import Reject

app = Celery("shop", broker="amqp://")

@app.task(bind=True, acks_late=True)
def charge(self, pk):
    raise Reject("busy", requeue=True)
```

Or `raise self.retry()`, which sends a new message.

## Exceptions

A task whose application's settings can't all be read: they may switch late acknowledgement on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Arguments, Raise
from flake8_celery.core.settings.effective import is_off


@rule(
    "CEL317",
    "reject-requeue-without-late-ack",
    pylint="E8566",
    on=Raise,
    message="nothing is put back: %s is acknowledged before it runs and stays PENDING for ever; "
    "give it acks_late=True",
    body=True,
)
def check(fact: Raise, context: Context) -> Iterator[Problem]:
    call = fact.node.exc
    if fact.name != "Reject" or fact.task is None or not isinstance(call, ast.Call):
        return
    requeue = Arguments(call).get("requeue", 1)
    if requeue is None or not context.every(requeue, fact.region, bool):
        return
    if is_off(fact.task, "acks_late", context.model):
        keyword = next((k for k in call.keywords if k.value is requeue), None)
        yield Problem(keyword or requeue, (fact.task.name,))
