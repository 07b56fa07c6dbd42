"""`eta` or `expires` from local time without a time zone.

## What happens

Celery takes a naive datetime as UTC, whatever the `timezone` setting says. `datetime.now()` is local
time: on a host at UTC+9 a task meant for ten minutes from now runs nine hours and ten minutes from
now. On a host that runs on UTC nothing is wrong until it moves.

```python bad
from datetime import datetime, timedelta
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), eta=datetime.now() + timedelta(minutes=10))
                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL314
```

## Use instead

An aware datetime, or `countdown`.

```python good
from datetime import datetime, timedelta, timezone
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), eta=datetime.now(timezone.utc) + timedelta(minutes=10))
    remind.apply_async((pk,), countdown=600)
```

## Exceptions

`datetime.utcnow()` is naive and right; a datetime made aware later (`astimezone`, `tzinfo=`).
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Dispatch, Retry


@rule(
    "CEL314",
    "naive-eta",
    pylint="W8533",
    on=(Dispatch, Retry),
    words=("eta", "expires"),
    message="%s is local time without a zone and Celery takes it as UTC, hours off on any host that "
    "is not: use datetime.now(timezone.utc)%s",
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    for name in ("eta", "expires"):
        if name in options and context.only(options[name].value, fact.region, {"datetime-local"}):
            other = " or countdown" if name == "eta" else ""
            yield Problem(options[name].value, (name, other))
