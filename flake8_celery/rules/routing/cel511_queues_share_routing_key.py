"""Several queues on a topic exchange, none of them with a routing key.

## What happens

A queue without `routing_key` is bound by the default one. On a topic exchange each such queue gets
every message that goes by it: one task lands in all of them, and runs once for each.

```python bad
from celery import Celery
from kombu import Exchange, Queue

tasks = Exchange("tasks", type="topic")
app = Celery("shop")
app.conf.task_queues = (
    Queue("mail", tasks),
    Queue("reports", tasks),
    ^^^^^^^^^^^^^^^^^^^^^^^ CEL511
)
```

## Use instead

```python good
from celery import Celery
from kombu import Exchange, Queue

tasks = Exchange("tasks", type="topic")
app = Celery("shop")
app.conf.task_queues = (
    Queue("mail", tasks, routing_key="mail.#"),
    Queue("reports", tasks, routing_key="reports.#"),
)
```

## Exceptions

Direct exchanges, the default: there a message goes to the one queue that it names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import Arguments, Setting
from flake8_celery.rules.routing.cel510_queue_declared_twice import queues_of

_EXCHANGES: Final = frozenset({"kombu.Exchange", "kombu.entity.Exchange"})
_SPREADING: Final = frozenset({"topic", "fanout"})
_DEFAULT: Final = "the default exchange"


@rule(
    "CEL511",
    "queues-share-routing-key",
    pylint="E8639",
    on=Setting,
    message="%s has no routing_key, nor has one before it on %s, a %s exchange: each task lands in both",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    seen: set[str] = set()
    for call, (place, region) in queues_of(fact, context):
        arguments = Arguments(call)
        if not arguments.lacks("routing_key", 2) or not arguments.lacks("bindings"):
            continue
        found = _exchange(arguments.get("exchange", 1), region, context)
        if found is None:
            continue
        exchange, kind = found
        if exchange in seen:
            node = arguments.get("name", 0)
            names = context.every(node, region, lambda name: isinstance(name, str))
            shown = repr(names[0]) if len(names) == 1 else "this queue"
            yield Problem(place, (shown, exchange, kind))
        seen.add(exchange)


def _exchange(node: ast.expr | None, region: Region, context: Context) -> tuple[str, str] | None:
    """The name of a queue's exchange and its type, where that sends to all queues alike."""
    if node is None or context.only(node, region, {"none", "str"}):
        if node is not None and not context.only(node, region, {"none"}):
            return None
        values = context.configuration().values("task_default_exchange_type")
        if isinstance(values, Unknown) or not set(values) <= _SPREADING:
            return None
        return _DEFAULT, str(values[0])
    found = context.resolve.expression(node, region)
    if found is None:
        return None
    call, where = found
    if not isinstance(call, ast.Call):
        return None
    if context.resolve.qualname(call.func, where) not in _EXCHANGES:
        return None
    arguments = Arguments(call)
    names = context.every(arguments.get("name", 0), where, lambda name: isinstance(name, str))
    kinds = context.every(arguments.get("type", 1), where, lambda kind: kind in _SPREADING)
    return (repr(names[0]), str(kinds[0])) if len(names) == 1 and kinds else None
