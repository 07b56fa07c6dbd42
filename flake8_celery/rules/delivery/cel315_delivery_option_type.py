"""A delivery option of a type that Celery can't use.

## What happens

- `countdown` takes seconds: text, a timedelta or a datetime raises TypeError when sending.
- `eta` takes a datetime: a number or a timedelta raises AttributeError when sending; text that is no
  ISO date is accepted, and the worker drops the message: PENDING for ever.
- `expires` takes seconds or a datetime: a timedelta or a date raises TypeError, text that is no ISO
  date ValueError.
- `time_limit` and `soft_time_limit` take seconds: a timedelta can't be sent.

In `self.retry()` the task is rejected instead: it never runs again.

```python bad
from datetime import timedelta
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=timedelta(minutes=5))
                                        ^^^^^^^^^^^^^^^^^^^^ CEL315
    remind.apply_async((pk,), eta=300)
                                  ^^^ CEL315
    remind.apply_async((pk,), eta="tomorrow")
                                  ^^^^^^^^^^ CEL315
    remind.apply_async((pk,), expires=timedelta(hours=1))
                                      ^^^^^^^^^^^^^^^^^^ CEL315
```

## Use instead

```python good
from datetime import datetime, timedelta, timezone
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=5 * 60, expires=3600)
    remind.apply_async((pk,), countdown=timedelta(minutes=5).total_seconds())
    remind.apply_async((pk,), eta=datetime.now(timezone.utc) + timedelta(minutes=5))
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.model import Dispatch, Fact, Retry, Task
from flake8_celery.tables.isodate import iso_problem

_DATETIMES = frozenset({"datetime", "datetime-local", "datetime-utc", "date"})
_SECONDS = "it takes seconds"
_WRONG: dict[str, tuple[frozenset[str], str, str]] = {
    "countdown": (
        frozenset({"str", "timedelta", "list", "tuple", "dict", *_DATETIMES}),
        "TypeError when sending",
        _SECONDS,
    ),
    "eta": (
        frozenset({"int", "float", "timedelta"}),
        "AttributeError when sending",
        "it takes a datetime; seconds go into countdown",
    ),
    "expires": (
        frozenset({"timedelta", "date"}),
        "TypeError when sending",
        "it takes seconds or a datetime",
    ),
    "time_limit": (frozenset({"timedelta"}), "the message can't be sent", _SECONDS),
    "soft_time_limit": (frozenset({"timedelta"}), "the message can't be sent", _SECONDS),
}
_TEXT = {
    "eta": "the worker drops the message, PENDING for ever",
    "expires": "ValueError when sending",
}


@rule(
    "CEL315",
    "delivery-option-type",
    pylint="E8534",
    on=(Dispatch, Retry, Task),
    words=tuple(_WRONG),
    message="%s: %s, %s",
    raises=("TypeError", "AttributeError", "ValueError"),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        for name in ("expires", "time_limit", "soft_time_limit"):
            option = fact.own(name)
            if option is not None:
                yield from _wrong(name, option.value, option.region, context)
        return
    assert isinstance(fact, (Dispatch, Retry))
    options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    for name in _WRONG:
        if name in options:
            yield from _wrong(name, options[name].value, fact.region, context)


def _wrong(name: str, value: ast.expr, region: Region, context: Context) -> Iterator[Problem]:
    kinds, consequence, hint = _WRONG[name]
    kind = context.only(value, region, kinds)
    if kind:
        yield Problem(value, (f"{name} is a {kind.partition('-')[0]}", consequence, hint))
    elif name in _TEXT:
        texts = context.every(value, region, lambda v: isinstance(v, str) and iso_problem(v))
        if texts:
            yield Problem(value, (f"{name}={texts[0]!r} is no ISO date", _TEXT[name], hint))
