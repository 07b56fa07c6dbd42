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

## Use instead

A soft limit some seconds below the hard one.

```python good
from celery import shared_task

@shared_task(soft_time_limit=25, time_limit=30)
def report(): ...
```

## Exceptions

0 or None is no limit, and is left alone. Limits that stand in settings are not compared yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Dispatch, Fact, Option, Retry, Task

HARD = "time_limit"
SOFT = "soft_time_limit"


def _limit(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


@rule(
    "CEL101",
    "soft-limit-not-below-hard",
    pylint="E8501",
    on=(Task, Dispatch, Retry),
    message="soft_time_limit %s is not below time_limit %s: %s",
    raises=("ValueError",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        soft, hard = fact.option(SOFT), fact.option(HARD)
        if not isinstance(soft, Option) or not isinstance(hard, Option):
            return
        if soft.inherited and hard.inherited:
            return
        softs = context.every(soft.value, soft.region, _limit)
        hards = context.every(hard.value, hard.region, _limit)
        place = hard.value if soft.inherited else soft.value
        above = "every apply_async raises ValueError since Celery 5.5"
    else:
        assert isinstance(fact, (Dispatch, Retry))
        options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
        if SOFT not in options or HARD not in options:
            return
        place = options[SOFT].value
        softs = context.every(place, fact.region, _limit)
        hards = context.every(options[HARD].value, fact.region, _limit)
        above = "the hard limit kills the process first, the soft one never comes"
    if not softs or not hards:
        return
    low, high = min(softs), max(hards)
    if low >= high:
        equal = "both fire at once, a race in which the worker process is killed"
        yield Problem(place, (low, high, equal if low == high else above))
