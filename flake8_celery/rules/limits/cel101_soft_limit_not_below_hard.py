"""A soft time limit that is not below the hard one.

## What happens

The soft limit raises `SoftTimeLimitExceeded` inside the task so that it can clean up; the hard one
kills the process. With the soft limit *above* the hard one on a task, every `apply_async` raises
`ValueError` since Celery 5.5 (before, the soft limit never came). On a call nothing checks: the
process is killed first and the soft limit never comes. With both *equal* they fire together: the
result is a race and the worker process is killed each time.

```python bad
from celery import shared_task

@shared_task(soft_time_limit=60, time_limit=30)
                             ^^ CEL101
def report(): ...
```
```python bad
from celery import shared_task

LIMIT = 5 * 60

@shared_task(time_limit=LIMIT, soft_time_limit=LIMIT)
                                               ^^^^^ CEL101
def report(): ...
```

A limit that only the settings give counts as one of the task's own: with the soft one above the hard
one every `apply_async` raises since Celery 5.7; before, the soft limit never comes.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.conf.task_time_limit = 300

@app.task(soft_time_limit=10_000)
                          ^^^^^^ CEL101
def report(): ...

def now():
    report.apply_async(time_limit=600, soft_time_limit=600)
                                                       ^^^ CEL101
```

## Use instead

A soft limit some seconds below the hard one.

```python good
from celery import shared_task

@shared_task(soft_time_limit=25, time_limit=30)
def report(): ...
```

## Exceptions

0 or None is no limit, and is left alone. Settings that can't be read; a default beside a variable of the
environment counts, and the message says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from flake8_celery.core.engine import Context, Environment, Problem, Region, Unknown, rule
from flake8_celery.core.messages.routes import in_effect
from flake8_celery.core.model import ABSENT, Dispatch, Fact, Option, Retry, Setting, Task
from flake8_celery.core.settings.read import namespace_of
from flake8_celery.record import NamedTuple

HARD = "time_limit"
SOFT = "soft_time_limit"
_SETTINGS: Final = {HARD: "task_time_limit", SOFT: "task_soft_time_limit"}
_RAISES: Final = "every apply_async raises ValueError since Celery %s"
_NEVER: Final = "the hard limit kills the process first, the soft one never comes"
_EQUAL: Final = "both fire at once, a race in which the worker process is killed"


class Limit(NamedTuple):
    """The values that a limit may have, what gives it, and where that stands in this file."""

    values: tuple[float, ...]
    where: str = ""
    """` (settings)`, for messages; empty for the task or the call itself."""
    place: ast.expr | None = None


def _limit(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


@rule(
    "CEL101",
    "soft-limit-not-below-hard",
    pylint="E8501",
    on=(Task, Dispatch, Retry, Setting),
    words=("time_limit",),
    message="soft_time_limit %s is not below time_limit %s: %s",
    raises=("ValueError",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Setting):
        yield from _settings(fact, context)
        return
    if isinstance(fact, Task):
        if not any(isinstance(fact.option(name), Option) for name in (SOFT, HARD)):
            return  # the settings' own pair is told at the settings
        soft, hard = _of_task(fact, SOFT, context), _of_task(fact, HARD, context)
        above = _RAISES % ("5.7" if soft and hard and (soft.where or hard.where) else "5.5")
    else:
        assert isinstance(fact, (Dispatch, Retry))
        options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
        if SOFT not in options and HARD not in options:
            return
        task = fact.resolved_task() if isinstance(fact, Dispatch) else fact.task
        soft = _of_call(options, SOFT, task, fact.region, context)
        hard = _of_call(options, HARD, task, fact.region, context)
        above = _NEVER
    if soft is None or hard is None:
        return
    place = soft.place or hard.place
    if place is not None:
        yield from _judge(soft, hard, place, above)


def _judge(soft: Limit, hard: Limit, place: ast.expr, above: str) -> Iterator[Problem]:
    if not soft.values or not hard.values:
        return
    low, high = min(soft.values), max(hard.values)
    if low >= high:
        told = _EQUAL if low == high else above
        yield Problem(place, (f"{low}{soft.where}", f"{high}{hard.where}", told))


def _given(node: ast.expr, region: Region, context: Context) -> Limit:
    return Limit(context.every(node, region, _limit), "", node)


def _of_task(task: Task, name: str, context: Context) -> Limit | None:
    """A task's limit: its own, its Task class's, or the settings'."""
    option = task.option(name)
    if isinstance(option, Option):
        found = _given(option.value, option.region, context)
        return found._replace(place=None) if option.inherited else found
    return _of_settings(task, name, context) if option is ABSENT else None


def _of_call(
    options: Mapping[str, ast.keyword],
    name: str,
    task: Task | None,
    region: Region,
    context: Context,
) -> Limit | None:
    if name in options:
        return _given(options[name].value, region, context)
    found = _of_task(task, name, context) if task is not None else None
    if found is None:
        return None
    return Limit(found.values, found.where or " (task)")


def _of_settings(task: Task | None, name: str, context: Context) -> Limit | None:
    configuration = context.configuration(task)
    if not configuration.absent("task_annotations"):
        return None
    values = configuration.values(_SETTINGS[name])
    where = " (settings)"
    if isinstance(values, Environment):
        values, where = values.default, " (settings, by default)"
    if isinstance(values, Unknown) or not all(_limit(value) for value in values):
        return None
    return Limit(values, where)  # type: ignore[arg-type]


def _settings(fact: Setting, context: Context) -> Iterator[Problem]:
    """Both limits in the settings, said at the soft one."""
    if fact.key != _SETTINGS[SOFT] or fact.how != "=":
        return
    if isinstance(namespace_of(fact, context.model), Unknown):
        return
    if not in_effect(fact, context.configuration(), context.model):
        return
    soft, hard = _of_settings(None, SOFT, context), _of_settings(None, HARD, context)
    if soft is not None and hard is not None:
        soft, hard = soft._replace(where=""), hard._replace(where="")
        yield from _judge(soft, hard, fact.value, _RAISES % "5.7")
