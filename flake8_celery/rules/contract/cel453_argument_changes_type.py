"""An argument that arrives as another type than it was sent as.

## What happens

JSON has no tuples, no members of an Enum and no dict keys but strings: a tuple arrives as a list, a
member of a str or int Enum as its plain value, and the key 1 as "1".

```python bad
from celery import shared_task

@shared_task
def move(point, weights): ...

move.delay((1, 2), {1: 0.5})
           ^^^^^^ CEL453
                    ^ CEL453
```

## Use instead

```python good
from celery import shared_task

@shared_task
def move(point, weights): ...

move.delay([1, 2], {"1": 0.5})
```

## When to switch it on

Where tasks ask for the type of what they get. In 25 real projects it tells one call.

## Exceptions

Silent where the serializer may be another one than JSON.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.serialisation import arguments_sent, fate, is_json
from flake8_celery.core.model import Dispatch, Retry


@rule(
    "CEL453",
    "argument-changes-type",
    pylint="R8643",
    on=(Dispatch, Retry),
    message="%s arrives as %s: JSON has no such type",
    default=False,
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    for value, region in arguments_sent(fact, context.model.resolver):
        found = fate(value, region, context.model.resolver, changes=True)
        if found is not None and is_json(fact, context.model):
            place = found.node if region is fact.region else value
            yield Problem(place, (found.what, found.becomes))
