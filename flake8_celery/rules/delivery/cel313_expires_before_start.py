"""A task that expires before it can start.

## What happens

`expires` counts from the sending. At 0 or below, or not above the `countdown`, the message is expired
when a worker may first run it: the task is REVOKED and never runs.

```python bad
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=600, expires=300)
                                                     ^^^ CEL313
```

## Use instead

```python good
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=600, expires=600 + 300)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Dispatch, Fact, Option, Retry, Task


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@rule(
    "CEL313",
    "expires-before-start",
    pylint="E8532",
    on=(Dispatch, Retry, Task),
    words=("expires",),
    message="expires=%s is %s: the task is revoked and never runs",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        option = fact.own("expires")
        if option is not None:
            yield from _not_positive(option, context)
        return
    assert isinstance(fact, (Dispatch, Retry))
    options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    if "expires" not in options:
        return
    expires = options["expires"].value
    values = context.every(expires, fact.region, _number)
    if not values:
        return
    latest = max(values)
    if latest <= 0:
        yield Problem(expires, (latest, "not in the future"))
    elif "countdown" in options:
        delays = context.every(options["countdown"].value, fact.region, _number)
        if delays and latest <= min(delays):
            yield Problem(expires, (latest, f"not after the countdown of {min(delays)} s"))


def _not_positive(option: Option, context: Context) -> Iterator[Problem]:
    values = context.every(option.value, option.region, lambda v: _number(v) and v <= 0)
    if values:
        yield Problem(option.value, (values[0], "not in the future"))
