"""`retry(max_retries=...)` in a task that is also retried automatically.

## What happens

The limit given to `retry()` is written down on the task, and stays there for as long as the process
lives: from then on *automatic* retries of every message stop at it too.

```python bad
from celery import shared_task

@shared_task(bind=True, autoretry_for=(ConnectionError,), max_retries=5)
def sync(self, pk):
    if not ready(pk):
        raise self.retry(max_retries=1)
                         ^^^^^^^^^^^ CEL322
    push(pk)
```

## Use instead

One limit, on the task; or a count of your own.

```python good
from celery import shared_task

@shared_task(bind=True, autoretry_for=(ConnectionError,), max_retries=5)
def sync(self, pk):
    if not ready(pk):
        if self.request.retries >= 1:
            return
        raise self.retry()
    push(pk)
```

## Exceptions

A limit that is not below the task's own, and one whose value is not written there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.model import ABSENT, Option, Retry, Task
from flake8_celery.core.values.containers import table_of

_DEFAULT: Final = 3


@rule(
    "CEL322",
    "retry-limit-sticks",
    pylint="W8574",
    on=Retry,
    message="the limit of %s stays on the task in this process: automatic retries stop at it too, not at "
    "%s",
    body=True,
)
def check(fact: Retry, context: Context) -> Iterator[Problem]:
    given = fact.arguments.keywords.get("max_retries")
    if given is None or fact.task is None or not fact.task.option("autoretry_for"):
        return
    limits = context.every(given.value, fact.region, _is_count)
    own = _automatic(fact.task, context)
    if limits and own and max(limits) < min(own):
        yield Problem(keyword_name(given), (max(limits), min(own)))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _automatic(task: Task, context: Context) -> tuple[int, ...]:
    """The limits that automatic retries may have; empty where one can't be told."""
    kwargs = task.option("retry_kwargs")
    if isinstance(kwargs, Unknown):
        return ()
    if isinstance(kwargs, Option):
        table = table_of(context.model.resolver, kwargs.value, kwargs.region)
        if table is None:
            return ()
        if "max_retries" in table:
            node, region, _ = table["max_retries"]
            return context.every(node, region, _is_count)
    option = task.option("max_retries")
    if option is ABSENT:
        return (_DEFAULT,)
    if not isinstance(option, Option):
        return ()
    return context.every(option.value, option.region, _is_count)
