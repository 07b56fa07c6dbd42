"""Both `countdown` and `eta` are given.

## What happens

`countdown` wins and `eta` is thrown away without a word.

```python bad
from datetime import datetime, timezone
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=60, eta=datetime.now(timezone.utc))
                                            ^^^ CEL316
```

## Use instead

One of them.

```python good
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk, when):
    remind.apply_async((pk,), countdown=60)
    remind.apply_async((pk,), eta=when)
```

## Exceptions

`countdown=0` and `countdown=None`, which leave the `eta` in force, and values that may be None.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.model import Dispatch, Retry


@rule(
    "CEL316",
    "countdown-and-eta",
    pylint="W8535",
    on=(Dispatch, Retry),
    words=("countdown",),
    message="countdown wins and eta is ignored: give one of them",
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    options = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
    if "countdown" not in options or "eta" not in options:
        return
    kinds = context.resolve.kinds(options["eta"].value, fact.region)
    if isinstance(kinds, Unknown) or "none" in kinds:
        return
    if context.every(options["countdown"].value, fact.region, lambda value: bool(value)):
        yield Problem(keyword_name(options["eta"]), ())
