"""The first delay of `retry_backoff` is not below `retry_backoff_max`.

## What happens

`retry_backoff` is the first delay in seconds and doubles at each retry up to `retry_backoff_max`,
600 if not given. With the first at or above the maximum every delay is the maximum: no backoff.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=900)
                                                     ^^^ CEL307
def fetch(): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=60, retry_backoff_max=3600)
def fetch(): ...
```

## Exceptions

A maximum that can't be told: a base class out of sight, a value from settings.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import ABSENT, Option, Task

DEFAULT_MAXIMUM = 600
"""Seconds; `retry_backoff_max` in celery/app/autoretry.py."""


def _seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 0


@rule(
    "CEL307",
    "backoff-above-maximum",
    pylint="W8526",
    on=Task,
    words=("retry_backoff",),
    message="the first delay of retry_backoff, %s s, is not below retry_backoff_max, %s s%s: every "
    "delay is the same",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    backoff = task.own("retry_backoff")
    if backoff is None or not isinstance(task.option("autoretry_for"), Option):
        return
    firsts = context.every(backoff.value, backoff.region, _seconds)
    maximum = task.option("retry_backoff_max")
    if maximum is ABSENT:
        highest: object = DEFAULT_MAXIMUM
        shown = " (the default)"
    elif isinstance(maximum, Option):
        values = context.every(maximum.value, maximum.region, _seconds)
        if not values:
            return
        highest, shown = max(values), ""
    else:
        return
    if firsts and min(firsts) >= highest:
        yield Problem(backoff.value, (min(firsts), highest, shown))
