"""A dispatch or beat entry without expiry, of a task whose work is of no use when late.

## What happens

After an outage the workers run the whole backlog: "your parcel arrives in two minutes", an hour
late, before anything new.

```python bad celery-expiring-tasks=shop.notify.*
from celery import Celery

app = Celery("shop")
app.send_task("shop.notify.arrival", args=(1,))
    ^^^^^^^^^ CEL353
app.conf.beat_schedule = {
    "arrivals": {"task": "shop.notify.arrivals", "schedule": 60.0},
    ^^^^^^^^^^ CEL353
}
```

## Use instead

```python good celery-expiring-tasks=shop.notify.*
from celery import Celery

app = Celery("shop")
app.send_task("shop.notify.arrival", args=(1,), expires=120)
app.conf.beat_schedule = {
    "arrivals": {"task": "shop.notify.arrivals", "schedule": 60.0, "options": {"expires": 60}},
}
```

## When to switch it on

With `celery-expiring-tasks`: it speaks of nothing else.

## Exceptions

Only tasks and queues that `celery-expiring-tasks` names. An `expires=` on the task counts. A
retry carries the same moment along: let it not wait longer than that (CEL321).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

from flake8_celery.core.engine import Context, Problem, Unknown, called_name, rule
from flake8_celery.core.messages.sent_task import entry_task
from flake8_celery.core.model import ABSENT, BeatEntry, Dispatch, Fact, Option, Task
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.settings.library import OWN_SCHEDULER, scheduler_of
from flake8_celery.tables.methods import SENDING

_SENT = SENDING | {"send_task"}


@rule(
    "CEL353",
    "missing-expires",
    pylint="R8569",
    on=(Dispatch, BeatEntry),
    default=False,
    message="%s has no expiry: after an outage it runs however late it is",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    patterns = context.options.celery_expiring_tasks
    if not patterns:
        return
    if isinstance(fact, Dispatch):
        found = _dispatch(fact, context)
        place: ast.AST = fact.node
    else:
        assert isinstance(fact, BeatEntry)
        found = _entry(fact, context)
        place = fact.place
    matched = next(
        (name for name in found if any(fnmatchcase(name, pattern) for pattern in patterns)), None
    )
    if matched is not None:
        at = called_name(place) if isinstance(fact, Dispatch) else place
        yield Problem(at, (matched,))


def _dispatch(fact: Dispatch, context: Context) -> list[str]:
    """The names that a dispatch without expiry goes by: the task's, the queue's."""
    if fact.call is None or fact.method not in _SENT:
        return []
    if fact.arguments.splat_keywords or "expires" in fact.options:
        return []
    task = fact.resolved_task() if fact.on != "app" else None
    found: list[str] = []
    if task is not None:
        if task.option("expires") is not ABSENT:
            return []
        name = name_of(task).value
        if name is not None:
            found.append(name)
    elif fact.on == "app":
        named = context.text(fact.arguments.get("name", 0), fact.region)
        if named is not None:
            found.append(named)
    queue = fact.options.get("queue")
    if queue is not None:
        found += _texts(queue.value, fact, context)
    elif task is not None:
        found += _own_queue(task, context)
    return found


def _own_queue(task: Task, context: Context) -> list[str]:
    option = task.option("queue")
    if not isinstance(option, Option):
        return []
    values = context.every(option.value, option.region, lambda value: isinstance(value, str))
    return [str(value) for value in values]


def _texts(node: ast.expr, fact: Fact, context: Context) -> list[str]:
    values = context.every(node, fact.region, lambda value: isinstance(value, str))
    return [str(value) for value in values]


def _entry(fact: BeatEntry, context: Context) -> list[str]:
    if not fact.complete or "task" not in fact.fields:
        return []
    found = _texts(fact.fields["task"][1], fact, context)
    options = fact.fields.get("options")
    if options is not None:
        tables = context.resolve.expressions(options[1], fact.region)
        if isinstance(tables, Unknown):
            return []
        for table, _ in tables:
            if not isinstance(table, ast.Dict):
                return []
            for key, value in zip(table.keys, table.values, strict=True):
                if not isinstance(key, ast.Constant) or key.value == "expires":
                    return []
                if key.value == "expire_seconds" and scheduler_of(context.model) != OWN_SCHEDULER:
                    return []
                if key.value == "queue":
                    found += _texts(value, fact, context)
    task = entry_task(fact, context.model)
    if task is not None and task.option("expires") is not ABSENT:
        return []
    return found
