"""A retry that waits longer than the message may.

## What happens

`expires` is worked out once, when the task is sent, and every retry carries that same moment along. A
retry that comes later is discarded as REVOKED: the task never runs again, and its error is lost.

```python bad
from celery import shared_task

@shared_task(bind=True, expires=30)
def sync(self, pk):
    try:
        push(pk)
    except ConnectionError as err:
        raise self.retry(exc=err)
                   ^^^^^ CEL321
```
```python bad
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    try:
        push(pk)
    except ConnectionError as err:
        raise self.retry(exc=err, countdown=600)

def now(pk):
    sync.apply_async((pk,), expires=300)
                                    ^^^ CEL321
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True, expires=30)
def sync(self, pk):
    try:
        push(pk)
    except ConnectionError as err:
        raise self.retry(exc=err, countdown=5)
```

## Exceptions

A retry with an `expires` of its own. Automatic retries under `retry_backoff` may wait less; a `retry()`
written by hand waits `default_retry_delay` (180 seconds) all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import ABSENT, Arguments, Dispatch, Fact, Option, Retry, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.values.containers import table_of

_DEFAULT: Final = 180
_SENT: Final = frozenset({"apply_async", "apply_async_on_commit"})


@rule(
    "CEL321",
    "retry-after-expires",
    pylint="W8576",
    on=(Task, Retry, Dispatch),
    words=("expires", "retry"),
    message="the retry waits %s s, and the message expires after %s s: it is revoked and the error is lost",
    body=True,
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    task = fact if isinstance(fact, Task) else getattr(fact, "task", None)
    if isinstance(task, Task) and any(library.retries for library in task.base.libraries):
        return  # such a retry never runs: CEL927
    if isinstance(fact, Task):
        own = fact.own("expires")
        if own is not None:
            expires = _seconds(own.value, own.region, context)
            delay = _automatic(fact, context)
            if expires and delay and delay >= expires:
                yield Problem(own.value, (delay, expires))
    elif isinstance(fact, Retry):
        if fact.task is None or not fact.arguments.lacks("expires"):
            return
        option = fact.task.option("expires")
        if isinstance(option, Option):
            expires = _seconds(option.value, option.region, context)
            delay = _by_hand(fact.arguments, fact.region, fact.task, context)
            if expires and delay and delay >= expires:
                yield Problem(called_name(fact.call), (delay, expires))
    elif isinstance(fact, Dispatch) and fact.method in _SENT and "expires" in fact.options:
        given = fact.options["expires"].value
        expires = _seconds(given, fact.region, context)
        task = fact.resolved_task() if expires else None
        delay = _shortest(task, context) if task is not None else 0
        if delay and delay >= expires:
            yield Problem(given, (delay, expires))


def _seconds(node: ast.expr, region: Region, context: Context) -> float:
    """The longest time that a value may stand for; 0 where it can't be told."""
    values = context.every(node, region, _is_number)
    return max(values) if values and min(values) > 0 else 0


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _delay(node: ast.expr, region: Region, context: Context) -> float:
    """The shortest delay that a value may stand for; 0 where it can't be told."""
    values = context.every(node, region, _is_number)
    return min(values) if values else 0


def _by_default(task: Task, context: Context) -> float:
    option = task.option("default_retry_delay")
    if isinstance(option, Option):
        return _delay(option.value, option.region, context)
    return _DEFAULT if option is ABSENT else 0


def _by_hand(arguments: Arguments, region: Region, task: Task, context: Context) -> float:
    """How long a `retry()` waits at the least; 0 where it can't be told."""
    countdown = arguments.get("countdown", 4)
    if countdown is not None:
        return _delay(countdown, region, context)
    if not arguments.lacks("countdown", 4) or not arguments.lacks("eta", 3):
        return 0
    return _by_default(task, context)


def _automatic(task: Task, context: Context) -> float:
    """How long an automatic retry waits at the least; 0 without one, or under a backoff."""
    if not task.option("autoretry_for") or task.option("retry_backoff") is not ABSENT:
        return 0
    kwargs = task.option("retry_kwargs")
    if isinstance(kwargs, Option):
        table = table_of(context.model.resolver, kwargs.value, kwargs.region)
        if table is None or "eta" in table or "expires" in table:
            return 0
        if "countdown" in table:
            node, region, _ = table["countdown"]
            return _delay(node, region, context)
    elif kwargs is not ABSENT:
        return 0
    return _by_default(task, context)


def _shortest(task: Task, context: Context) -> float:
    """The shortest delay of all retries of a task; 0 where one can't be told or there is none."""
    if task.function is None or task.self_escapes:
        return 0
    region = model_of(task).candidates.scopes.get(task.function)
    delays = []
    if task.option("autoretry_for") is not ABSENT:
        delays.append(_automatic(task, context))
    for node in walk(task.function.body, nested=True):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            if node.func.attr == "retry" and isinstance(holder, ast.Name) and region is not None:
                if holder.id in (task.self_name, task.name):
                    arguments = Arguments(node)
                    if not arguments.lacks("expires"):
                        return 0
                    delays.append(_by_hand(arguments, region, task, context))
    return min(delays, default=0)
