"""An exchange or a routing key that Celery ignores.

## What happens

On a direct exchange, which is the default, Celery sends straight to a queue by its name unless both
`exchange` and `routing_key` are given. One of them alone is ignored: without `queue` the message goes
to the default queue.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), routing_key="mail.urgent")
                              ^^^^^^^^^^^ CEL503
    remind.apply_async((pk,), exchange="mail")
                              ^^^^^^^^ CEL503
```

## Use instead

The queue's name; or both, for an exchange that you declared.

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), queue="mail")
    remind.apply_async((pk,), exchange="mail", routing_key="mail.urgent")
```

On Redis, SQS and other brokers whose exchanges are kombu's own, an exchange and a routing key without
`queue` say nothing of which queue to declare: until a worker has done so the message is nowhere.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")

@app.task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), exchange="mail", routing_key="mail.urgent")
                              ^^^^^^^^ CEL503
```

## Exceptions

A routing key that is the queue's name. A task or a route that has one of them and no queue: a call
may give the other. Projects with an exchange that is not direct, or of which that
can't be told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.messages.routes import Spot, only_direct, routes, spots
from flake8_celery.core.model import ABSENT, BeatEntry, Dispatch, Fact, Periodic, Setting, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.settings.configuration import Configuration
from flake8_celery.core.settings.read import configuration_of

#: Brokers on which kombu itself keeps what is bound to an exchange, once somebody has declared it.
VIRTUAL = frozenset({"redis", "sqs", "memory", "filesystem"})
NOWHERE = "until a worker has, the message is nowhere; name the queue"
_HALVES = {"exchange": "routing_key", "routing_key": "exchange"}


@rule(
    "CEL503",
    "routing-without-effect",
    pylint="W8628",
    on=(Task, Dispatch, Setting, BeatEntry, Periodic),
    words={Task: tuple(_HALVES), Dispatch: tuple(_HALVES)},
    message="%s without %s %s: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    for spot in spots(fact, context.resolve):
        if spot.kind == "annotation" or not spot.complete or "exchange_type" in spot.given:
            continue
        if spot.kind in ("call", "beat") and "queue" not in spot.given:
            if "exchange" in spot.given and "routing_key" in spot.given:
                yield from _undeclared(fact, spot, context)
        if spot.kind in ("task", "route") and "queue" not in spot.given:
            continue  # a call may give the other half
        for half, other in _HALVES.items():
            if half in spot.given and other not in spot.given:
                yield from _judge(fact, spot, half, other, context)


def _judge(fact: Fact, spot: Spot, half: str, other: str, context: Context) -> Iterator[Problem]:
    name, value = spot.given[half]
    texts = context.every(value, spot.region, lambda text: isinstance(text, str) and text != "")
    if not texts:
        return
    task: Task | None = fact if isinstance(fact, Task) else None
    if isinstance(fact, Dispatch) and fact.on != "app":
        task = fact.resolved_task()
        if task is None or task.option(other) is not ABSENT:
            return
    configuration = configuration_of(model_of(task) if task is not None else context.model, task)
    if not only_direct(configuration):
        return
    goal = _goal(spot, configuration, context)
    if goal is None or (half == "routing_key" and goal in texts):
        return
    if spot.kind != "route":
        table = routes(configuration)
        if table is None or any(other in route.spot.given for route in table):
            return
        if "queue" not in spot.given and any("queue" in route.spot.given for route in table):
            goal = "the queue of its route"
        elif task is not None and "queue" not in spot.given and task.option("queue") is not ABSENT:
            return
    place = keyword_name(name) if isinstance(name, ast.keyword) else name
    shown = goal if goal.startswith("the queue") else repr(goal)
    told = f"the message goes to {shown}"
    yield Problem(place, (half, other, "is ignored on a direct exchange", told))


def _undeclared(fact: Fact, spot: Spot, context: Context) -> Iterator[Problem]:
    """An exchange with no queue, on a broker whose exchanges are kombu's own."""
    task: Task | None = None
    if isinstance(fact, Dispatch):
        task = fact.resolved_task() if fact.on != "app" else None
        if task is not None and task.option("queue") is not ABSENT:
            return
    configuration = context.configuration(task)
    broker = configuration.broker
    table = routes(configuration)
    if broker is None or broker.name not in VIRTUAL or table is None:
        return
    if any("queue" in route.spot.given for route in table):
        return
    name = spot.given["exchange"][0]
    place = keyword_name(name) if isinstance(name, ast.keyword) else name
    what = f"on {broker.name} declares no queue"
    yield Problem(place, ("exchange", "queue", what, NOWHERE))


def _goal(spot: Spot, configuration: Configuration, context: Context) -> str | None:
    """The queue that the message goes to all the same."""
    if "queue" not in spot.given:
        return configuration.queues.default
    found = context.every(spot.given["queue"][1], spot.region, lambda name: isinstance(name, str))
    return str(found[0]) if len(found) == 1 and found[0] else None
