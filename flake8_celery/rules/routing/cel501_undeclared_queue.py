"""A queue that nobody declared.

## What happens

Celery creates a queue that it does not know, and no worker consumes it: the message waits for ever,
and nothing fails. With `task_create_missing_queues = False` sending raises QueueNotFound.

```python bad celery-queues=orders,mail
from celery import shared_task

@shared_task(queue="mial")
                   ^^^^^^ CEL501
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), queue="reports")
                                    ^^^^^^^^^ CEL501
```
```python bad
from celery import Celery
from kombu import Queue

app = Celery("shop")
app.conf.task_queues = (Queue("orders"), Queue("mail"))
app.conf.task_routes = {"shop.mail.*": {"queue": "emails"}}
                                                 ^^^^^^^^ CEL501
```

## Use instead

A queue that some worker consumes.

```python good celery-queues=orders,mail
from celery import shared_task

@shared_task(queue="mail")
def remind(pk): ...
```

## Exceptions

Where the declared queues can't all be known nothing is said: name them with `celery-queues`, or the
files that start the workers with `celery-worker-commands`, or declare `task_queues`. A queue that is
given with its own exchange and routing key is passed over. With `task_create_missing_queues = True` in the
settings, `task_queues` alone declares nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.routes import SPOTS, Spot, spots
from flake8_celery.core.model import Dispatch, Fact, Retry, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.tables.confusions import near_miss


@rule(
    "CEL501",
    "undeclared-queue",
    pylint="W8626",
    on=SPOTS,
    words={Task: ("queue",), Dispatch: ("queue",), Retry: ("queue",)},
    message="queue %r is not in %s%s: %s",
    raises=("QueueNotFound",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    for spot in spots(fact, context.resolve):
        if "queue" in spot.given and not ({"exchange", "routing_key"} <= spot.given.keys()):
            yield from _judge(spot, fact, context)


def _judge(spot: Spot, fact: Fact, context: Context) -> Iterator[Problem]:
    node = spot.given["queue"][1]
    values = context.every(node, spot.region, lambda value: isinstance(value, str))
    if not values:
        return
    task = fact if isinstance(fact, Task) else None
    if isinstance(fact, Retry):
        task = fact.task
    elif isinstance(fact, Dispatch):
        task = fact.resolved_task()
    model = model_of(task) if task is not None else context.model
    configuration = configuration_of(model, task)
    queues = configuration.queues
    if not queues.complete or any(name in queues.names for name in values):
        return
    declaring = configuration.where_queues_are
    if queues.where == "task_queues" and declaring.is_on("task_create_missing_queues"):
        return  # said on purpose: queues may be made as they are named
    name = str(values[0])
    if not name or name.endswith(".dq"):
        return  # the direct queue of one worker
    meant = near_miss(name, sorted(queues.names))
    hint = f", did you mean {meant!r}?" if meant else ""
    refused = queues.create_missing is False and queues.where == "task_queues"
    told = (
        "QueueNotFound when it is sent"
        if refused
        else "it is created without a word and nobody consumes it"
    )
    yield Problem(node, (name, queues.where, hint, told))
