"""A task is sent more often than it may take to run.

## What happens

A run that takes as long as its time limit allows is not over when the next one starts: runs overlap,
and the workers fill up with one task.

```python bad file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task(time_limit=600)
def count(): ...

app.conf.beat_schedule = {
    "count": {"task": "tasks.count", "schedule": 60.0},
                                                 ^^^^ CEL751
}
```

## Use instead

A longer schedule, or a time limit below it.

```python good file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task(time_limit=50)
def count(): ...

app.conf.beat_schedule = {
    "count": {"task": "tasks.count", "schedule": 60.0},
}
```

## When to switch it on

Where tasks have limits that were thought of. In 25 real projects it tells one entry.

## Exceptions

Tasks without a time limit, and crontabs whose distance is not plain from the minute.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.messages.sent_task import entry_task, periodic_task
from flake8_celery.core.model import ABSENT, BeatEntry, Crontab, Fact, Option, Periodic, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.tables.crontab import FIELDS


@rule(
    "CEL751",
    "schedule-shorter-than-limit",
    pylint="R8711",
    on=(BeatEntry, Periodic),
    message="sent every %g s and allowed to run for %g s: runs overlap, and fill the workers",
    default=False,
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    node: ast.expr | None = None
    task: Task | None = None
    if isinstance(fact, BeatEntry) and "schedule" in fact.fields:
        node, task = fact.fields["schedule"][1], entry_task(fact, context.model)
    elif isinstance(fact, Periodic):
        node = fact.arguments.get("schedule", 0)
        task = periodic_task(fact, context.model)
    if node is None or task is None:
        return
    period = _period(node, fact.region, context)
    if period is None:
        return
    limit = _limit(task)
    if limit is not None and limit >= period > 0:
        yield Problem(node, (period, limit))


def _limit(task: Task) -> float | None:
    """The longest that a run may take, in seconds."""
    option = task.option("time_limit")
    if isinstance(option, Option):
        values = task.option_values(option)
    elif option is ABSENT:
        values = configuration_of(model_of(task), task).values("task_time_limit")
    else:
        return None
    if isinstance(values, Unknown) or not all(_number(value) for value in values):
        return None
    return min(float(value) for value in values)  # type: ignore[arg-type]


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _period(node: ast.expr, region: Region, context: Context) -> float | None:
    """The seconds between two runs, or None where they can't be told."""
    values = context.resolve.values(node, region)
    if not isinstance(values, Unknown) and len(values) == 1:
        value = values[0]
        if isinstance(value, timedelta):
            return value.total_seconds()
        return float(value) if _number(value) else None  # type: ignore[arg-type]
    found = context.resolve.expression(node, region)
    if found is None:
        return None
    for fact in context.model.of(Crontab):
        if fact.call is found[0]:
            return _of_crontab(fact, context)
    return None


def _of_crontab(fact: Crontab, context: Context) -> float | None:
    """The distance of `crontab()` and `crontab(minute="*/5")`, whatever else is given."""
    if fact.from_string or fact.arguments.splat or fact.arguments.splat_keywords:
        return None
    minute = fact.arguments.get(FIELDS[0], 0)
    if minute is None:
        return 60.0
    values = context.resolve.values(minute, fact.region)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
        return None
    if values[0] in ("*", "*/1"):
        return 60.0
    step = values[0].removeprefix("*/")
    if values[0].startswith("*/") and step.isdecimal() and 0 < int(step) <= 30:
        return int(step) * 60.0
    return None
