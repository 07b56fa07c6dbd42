"""A priority that is no whole number, or is negative.

## What happens

Brokers take whole numbers from 0 (RabbitMQ up to 255, the others up to 9). Redis and the other
virtual transports put anything else at their default, or cut it to the nearest end, without a word.

```python bad
from celery import shared_task

@shared_task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), priority="high")
                                       ^^^^^^ CEL504
    remind.apply_async((pk,), priority=-1)
                                       ^^ CEL504
```

## Use instead

```python good
from celery import shared_task

@shared_task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), priority=0)
```

## Exceptions

None, text that is a number, and whole numbers above 9, which RabbitMQ takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Dispatch, Fact, Retry, Task


def _invalid(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value < 0
    return not (isinstance(value, str) and value.isdecimal())


@rule(
    "CEL504",
    "invalid-priority",
    pylint="E8623",
    on=(Dispatch, Retry, Task),
    words=("priority",),
    message="priority %r is not a whole number from 0: the broker cuts it or takes its default",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        option = fact.own("priority")
        if option is None:
            return
        place, region = option.value, option.region
    else:
        assert isinstance(fact, (Dispatch, Retry))
        options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
        if "priority" not in options:
            return
        place, region = options["priority"].value, fact.region
    values = context.every(place, region, _invalid)
    if values:
        yield Problem(place, (values[0],))
