"""Two queues of one name in `task_queues`.

## What happens

Celery keeps queues by their names: the last one is left, and the exchange and routing key of those
before it are never bound.

```python bad
from celery import Celery
from kombu import Exchange, Queue

app = Celery("shop")
app.conf.task_queues = (
    Queue("mail", Exchange("tasks", type="topic"), routing_key="mail.#"),
    Queue("mail", Exchange("tasks", type="topic"), routing_key="news.#"),
          ^^^^^^ CEL510
)
```

## Use instead

One queue with several bindings.

```python good
from celery import Celery
from kombu import Exchange, Queue, binding

tasks = Exchange("tasks", type="topic")
app = Celery("shop")
app.conf.task_queues = (
    Queue("mail", bindings=[binding(tasks, "mail.#"), binding(tasks, "news.#")]),
)
```

## Exceptions

Names that can't be told, and queues that stand in different branches of the code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Arguments, Place, Setting

_QUEUES: Final = frozenset({"kombu.Queue", "kombu.entity.Queue", "kombu.common.Queue"})


@rule(
    "CEL510",
    "queue-declared-twice",
    pylint="E8638",
    on=Setting,
    message="queue %r is declared twice, only the last one is left: give one Queue several bindings",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    seen: set[str] = set()
    for call, place in queues_of(fact, context):
        node = Arguments(call).get("name", 0)
        names = context.every(node, place[1], lambda name: isinstance(name, str))
        if len(names) != 1:
            continue
        if names[0] in seen:
            written = place[0] is call and place[1].module is context.module.region
            yield Problem(node if written and node is not None else place[0], (names[0],))
        seen.add(str(names[0]))


def queues_of(fact: Setting, context: Context) -> Iterator[tuple[ast.Call, Place]]:
    """The `Queue` calls of a list or tuple given to `task_queues`, each with where it stands.

    That is the call itself, or the name in the list that leads to it; nothing where the list or an
    element of it can't be read.
    """
    if fact.key != "task_queues" or fact.how != "=":
        return
    found = context.resolve.expression(fact.value, fact.region)
    if found is None:
        return
    table, region = found
    if not isinstance(table, (ast.List, ast.Tuple)):
        return
    queues: list[tuple[ast.Call, Place]] = []
    for element in table.elts:
        made = context.resolve.expression(element, region)
        if made is None:
            return
        call, where = made
        if not isinstance(call, ast.Call):
            return
        if context.resolve.qualname(call.func, where) not in _QUEUES:
            return
        queues.append((call, (element, where)))
    yield from queues
