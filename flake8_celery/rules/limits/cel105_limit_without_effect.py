"""A time limit that limits nothing, or everything.

## What happens

On a call 0 and None mean "as the task says": a call can't lift the limit of its task, and the long run
that should have been let through is killed. A negative limit, on a task or a call, kills the process as
soon as the task starts. 0 on a task does not lift the limit of the settings either: the pool still has
it.

```python bad
from celery import shared_task

@shared_task(time_limit=60)
def report(month): ...

def whole_year():
    report.apply_async(("all",), time_limit=0)
                                 ^^^^^^^^^^ CEL105
```
```python bad
from celery import shared_task

@shared_task(time_limit=-1)
             ^^^^^^^^^^ CEL105
def report(month): ...
```

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_time_limit = 60

@app.task(time_limit=0)
          ^^^^^^^^^^ CEL105
def report(month): ...
```

## Use instead

A limit that is long enough.

```python good
from celery import shared_task

@shared_task(time_limit=60)
def report(month): ...

def whole_year():
    report.apply_async(("all",), time_limit=3600)
```

## Exceptions

0 on a task where no settings limit it, and None: they say that it has no limit of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Dispatch, Fact, Retry, Task
from flake8_celery.core.settings.effective import seconds
from flake8_celery.tables.task import FROM_CONFIG


def _is_negative(value: object) -> bool:
    return isinstance(value, (int, float)) and value < 0


def _lifts(value: object) -> bool:
    return value is None or value == 0


@rule(
    "CEL105",
    "limit-without-effect",
    pylint="W8503",
    on=(Task, Dispatch, Retry),
    words=("time_limit",),
    message="%s=%r %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    assert isinstance(fact, (Task, Dispatch, Retry))
    region = fact.options_region if isinstance(fact, Task) else fact.region
    keywords = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    for name in ("time_limit", "soft_time_limit"):
        keyword = keywords.get(name)
        if keyword is None:
            continue
        values = context.every(keyword.value, region, _is_negative)
        text = "kills the process as soon as the task starts"
        if name == "soft_time_limit":
            text = "stops the task as soon as it starts"
        if not values and isinstance(fact, Task):
            values = context.every(keyword.value, region, lambda value: value == 0)
            setting = FROM_CONFIG[name]
            text = f"lifts no limit: {setting} still holds, the pool has it"
            if values and not seconds(context.configuration(fact).values(setting)):
                continue
        elif not values:
            values = context.every(keyword.value, region, _lifts)
            text = "lifts no limit: on a call it means what the task says"
        if values:
            yield Problem(keyword_name(keyword), (name, values[0], text))
