"""A delayed task in a project of quorum queues on a direct exchange.

## What happens

Quorum queues know no global prefetch, so a worker that consumes one can't take in more messages while
others wait for their time: tasks with a countdown or an eta fill its fixed prefetch, and what stands
behind them waits as long. Celery has its own delayed delivery for them, on topic exchanges only.

```python bad
from celery import Celery
from kombu import Queue

app = Celery("shop", broker="amqp://")
app.conf.task_queues = [Queue("orders", queue_arguments={"x-queue-type": "quorum"})]

@app.task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=3600)
                              ^^^^^^^^^ CEL513
```

## Use instead

A topic exchange, on which Celery delays natively.

```python good
from celery import Celery
from kombu import Exchange, Queue

app = Celery("shop", broker="amqp://")
topic = Exchange("orders", type="topic")
app.conf.task_queues = [
    Queue("orders", topic, routing_key="orders", queue_arguments={"x-queue-type": "quorum"})
]

@app.task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=3600)
```

## Exceptions

Queues that can't all be read, and projects of which only some queues are quorum queues. A
`celery-target-version` before 5.5, which is when Celery learnt to delay on quorum queues.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from flake8_celery.core.engine import (
    Context,
    Problem,
    Region,
    Unknown,
    called_name,
    keyword_name,
    rule,
)
from flake8_celery.core.messages.routes import only_direct
from flake8_celery.core.model import Absent, Arguments, Dispatch, Retry
from flake8_celery.core.values.protocol import Resolver

if TYPE_CHECKING:
    from flake8_celery.core.settings.configuration import Configuration

_TYPE: Final = "x-queue-type"
_QUORUM: Final = "quorum"
_SENT: Final = frozenset({"apply_async", "apply_async_on_commit", "send_task"})


@rule(
    "CEL513",
    "quorum-countdown",
    pylint="W8640",
    on=(Dispatch, Retry),
    message="on quorum queues of a direct exchange what waits fills the worker's fixed prefetch: use a "
    "topic exchange",
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if version is not None and version < (5, 5):
        return
    keywords = fact.arguments.keywords
    place: ast.AST | object | None = None
    if isinstance(fact, Dispatch):
        if fact.method not in _SENT:
            return
        task = fact.resolved_task() if fact.on != "app" else None
    else:
        task = fact.task
    for name in ("countdown", "eta"):
        if name in keywords and not context.only(keywords[name].value, fact.region, {"none"}):
            if not context.every(keywords[name].value, fact.region, lambda value: value == 0):
                place = keyword_name(keywords[name])
    if place is None and isinstance(fact, Retry) and "countdown" not in keywords:
        place = called_name(fact.call)
    if place is None:
        return
    configuration = context.configuration(task)
    broker = configuration.broker
    if broker is not None and broker.name != "amqp":
        return
    if _all_quorum(configuration) and only_direct(configuration):
        yield Problem(place)  # type: ignore[arg-type]


def _all_quorum(configuration: Configuration) -> bool:
    """Whether every queue of the settings is seen to be a quorum queue."""
    if configuration.values("task_default_queue_type") == (_QUORUM,):
        if configuration.absent("task_queues"):
            return True
    known = configuration.setting("task_queues")
    if isinstance(known, (Absent, Unknown)) or not known.sure or known.changes:
        return False
    for place in known.places:
        resolver = place.model.resolver
        found = resolver.expression(place.value, place.region)
        if found is None:
            return False
        table, region = found
        if not isinstance(table, (ast.List, ast.Tuple)) or not table.elts:
            return False
        for element in table.elts:
            made = resolver.expression(element, region)
            if made is None or not isinstance(made[0], ast.Call):
                return False
            given = Arguments(made[0]).get("queue_arguments")
            if given is None or not _is_quorum(given, made[1], resolver):
                return False
    return True


def _is_quorum(node: ast.expr, region: Region, resolver: Resolver) -> bool:
    found = resolver.expression(node, region)
    if found is None or not isinstance(found[0], ast.Dict):
        return False
    table, where = found
    assert isinstance(table, ast.Dict)
    return any(
        isinstance(key, ast.Constant)
        and key.value == _TYPE
        and resolver.values(value, where) == (_QUORUM,)
        for key, value in zip(table.keys, table.values, strict=True)
    )
