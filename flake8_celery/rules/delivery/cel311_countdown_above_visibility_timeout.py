"""A delay that is not below the broker's visibility timeout: the task runs several times.

## What happens

A worker takes a message with a countdown at once and holds it until its time. Redis and SQS deliver
again what is not acknowledged within the visibility timeout (an hour on Redis, half an hour on SQS),
to the next worker, and the next: a countdown of four hours runs the task four times.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")

@app.task(bind=True)
def remind(self, pk):
    raise self.retry(countdown=4 * 3600)
                               ^^^^^^^^ CEL311

remind.apply_async((1,), countdown=86400)
                                   ^^^^^ CEL311
```
```python bad celery-broker=sqs
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(autoretry_for=(OSError,), retry_backoff=60, retry_backoff_max=7200, max_retries=9)
                                                                        ^^^^ CEL311
def fetch(url): ...
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.conf.broker_transport_options = {"visibility_timeout": 2 * 86400}

@app.task
def remind(pk): ...

remind.apply_async((1,), countdown=86400)
```

Or keep the time in the database, and let beat send what is due.

## Exceptions

A broker without such a timeout, or one that can't be told: name it with `celery-broker`. The
environment may lead to another broker than the URL in source, hence "with this broker". An eta
where the task's class overrides `apply_async` or can't be read, or keeps such messages in a store of
its own (celery-longterm-scheduler).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import ABSENT, Dispatch, Fact, Option, Retry, Task
from flake8_celery.core.settings.effective import Visibility, seconds, visibility

_NOW = frozenset(
    {
        *("datetime.datetime.now", "datetime.datetime.utcnow", "django.utils.timezone.now"),
        *("django.utils.timezone.localtime", "celery.utils.time.now"),
    }
)
DEFAULT_RETRIES = 3
DEFAULT_MAXIMUM = 600
"""Seconds; `retry_backoff_max` in celery/app/autoretry.py."""


@rule(
    "CEL311",
    "countdown-above-visibility-timeout",
    pylint="W8564",
    on=(Dispatch, Retry, Task),
    words=("countdown", "eta", "default_retry_delay", "retry_backoff_max"),
    message="%s of %s s is not below the visibility timeout, %s: the task is delivered again while "
    "it waits and runs several times",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    places = list(_delays(fact, context))
    if not places:
        return
    task = fact if isinstance(fact, Task) else None
    if isinstance(fact, Retry):
        task = fact.task
    limit = visibility(context.configuration(task))
    if limit is None:
        return
    for name, node, delay in places:
        if delay >= limit.seconds:
            yield _problem(name, node, delay, limit)


def _problem(name: str, node: ast.AST, delay: float, limit: Visibility) -> Problem:
    return Problem(node, (name, f"{delay:g}", limit))


def _delays(fact: Fact, context: Context) -> Iterator[tuple[str, ast.AST, float]]:
    """Each delay that a fact gives: its name, its place, the least that it may be in seconds."""
    if isinstance(fact, Task):
        yield from _of_task(fact, context)
        return
    assert isinstance(fact, (Dispatch, Retry))
    given = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    for name in ("countdown", "eta"):
        if name in given:
            if name == "eta" and _waits_elsewhere(fact):
                continue
            value = given[name].value
            found = (
                seconds(context.resolve.values(value, fact.region))
                if name == "countdown"
                else _from_now(value, fact.region, context)
            )
            if found:
                yield name, value, min(found)


def _waits_elsewhere(fact: Dispatch | Retry) -> bool:
    """Whether the task's class may keep a message with an eta out of the broker."""
    if isinstance(fact, Dispatch):
        base = fact.task_class()
    elif fact.task is not None:
        base = fact.task.base
    else:
        return True
    return not base.lacks("apply_async") or any(one.keeps_eta for one in base.libraries)


def _from_now(node: ast.expr, region: Region, context: Context) -> tuple[float, ...]:
    """The seconds in `now() + timedelta(...)`."""
    found = context.resolve.expressions(node, region)
    if isinstance(found, Unknown):
        return ()
    delays: list[float] = []
    for value, scope in found:
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
            return ()
        for moment, delay in ((value.left, value.right), (value.right, value.left)):
            if (
                isinstance(moment, ast.Call)
                and context.resolve.qualname(moment.func, scope) in _NOW
            ):
                values = context.resolve.values(delay, scope)
                if isinstance(values, Unknown):
                    return ()
                for one in values:
                    if not isinstance(one, timedelta):
                        return ()
                    delays.append(one.total_seconds())
                break
        else:
            return ()
    return tuple(delays)


def _of_task(task: Task, context: Context) -> Iterator[tuple[str, ast.AST, float]]:
    delay = task.own("default_retry_delay")
    if delay is not None:
        found = seconds(context.resolve.values(delay.value, delay.region))
        if found:
            yield "default_retry_delay", delay.value, min(found)
    longest = task.own("retry_backoff_max")
    first = task.option("retry_backoff")
    if longest is None or not isinstance(first, Option):
        return
    if not isinstance(task.option("autoretry_for"), Option):
        return
    maxima = seconds(context.resolve.values(longest.value, longest.region))
    firsts = context.resolve.values(first.value, first.region)
    retries = _retries(task, context)
    if not maxima or isinstance(firsts, Unknown) or retries is None:
        return
    if not all(isinstance(value, (int, float)) and value for value in firsts):
        return
    reached = min(maxima)
    for value in firsts:
        factor = int(max(1.0, float(value)))  # type: ignore[arg-type]
        if retries < 60:
            reached = min(reached, factor * 2 ** max(retries - 1, 0))
    yield "the longest backoff", longest.value, reached


def _retries(task: Task, context: Context) -> float | None:
    """How often a task is retried at most, or None where it can't be told."""
    if task.option("retry_kwargs") is not ABSENT:
        return None
    option = task.option("max_retries")
    if option is ABSENT:
        return DEFAULT_RETRIES
    if not isinstance(option, Option):
        return None
    values = context.resolve.values(option.value, option.region)
    if isinstance(values, Unknown):
        return None
    found: list[float] = []
    for value in values:
        if value is None:
            found.append(float("inf"))
        elif isinstance(value, int):
            found.append(value)
        else:
            return None
    return min(found)
