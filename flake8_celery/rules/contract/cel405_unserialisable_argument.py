"""An argument that the JSON serializer can't carry.

## What happens

Celery sends arguments as JSON. kombu's encoder knows the JSON types, and beside them bytes, dates and
times, Decimal and UUID; anything else raises EncodeError where the message is sent.

```python bad
import datetime
from celery import shared_task

@shared_task
def remind(pks, after=None): ...

def later(pks):
    remind.delay({pk for pk in pks})
                 ^^^^^^^^^^^^^^^^^^ CEL405
    remind.delay(pks, after=datetime.timedelta(hours=1))
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL405
    remind.apply_async(([pks, set()],), {"after": lambda: 1})
                              ^^^^^ CEL405
                                                  ^^^^^^^^^ CEL405
```

## Use instead

```python good
import datetime
from celery import shared_task

@shared_task
def remind(pks, after=None): ...

def later(pks):
    remind.delay(sorted(pks))
    remind.delay(pks, after=datetime.timedelta(hours=1).total_seconds())
    remind.delay(pks, after=datetime.datetime.now(datetime.timezone.utc))
```

## Exceptions

Silent where the serializer may be another one (on the call, on the task, in the settings), where the
task is out of sight, and where the project teaches kombu new types; classes with `__json__` are fine.

```python good
from celery import shared_task

@shared_task(serializer="yaml")
def remind(pks): ...

class Money:
    def __json__(self):
        return "1 EUR"

@shared_task
def pay(amount): ...

remind.delay({1, 2})
pay.delay(Money())
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.serialisation import arguments_sent, fate, is_json
from flake8_celery.core.model import BeatEntry, Dispatch, Retry

_HINTS = {
    "a set": "send a list",
    "a frozenset": "send a list",
    "a range": "send a list",
    "a generator": "send a list",
    "a deque": "send a list",
    "a timedelta": "send its total_seconds()",
    "a Path": "send str(...) of it",
    "an ip address": "send str(...) of it",
    "a task": "send its name",
    "an AsyncResult": "send its id",
    "a member of an Enum that is neither str nor int": "send its value",
    "an object of a class of your own": "send its id, or a dict",
    "a pydantic model": "send its model_dump() (since Celery 5.7 pydantic=True does, for a parameter of its class)",
    "an exception": "send str(...) of it",
    "a dict key that is no str": "send a list of pairs",
}


@rule(
    "CEL405",
    "unserialisable-argument",
    pylint="E8605",
    on=(Dispatch, Retry, BeatEntry),
    message="%s can't be sent as JSON, sending it raises EncodeError: %s",
    raises=("EncodeError", "TypeError"),
    yields_to=("CEL204",),
)
def check(fact: Dispatch | Retry | BeatEntry, context: Context) -> Iterator[Problem]:
    judged = False
    for value, region in arguments_sent(fact, context.model.resolver):
        found = fate(value, region, context.model.resolver)
        if found is None:
            continue
        if not judged:
            if not is_json(fact, context.model):
                return
            judged = True
        if found.what == "a pydantic model" and not _refused(fact, value, found.node, context):
            continue
        place = found.node if region is fact.region else value
        hint = _HINTS.get(found.what, "send what it stands for")
        yield Problem(place, (found.what, hint), subject=value)


def _refused(
    fact: Dispatch | Retry | BeatEntry, value: ast.expr, model: ast.expr, context: Context
) -> bool:
    """Whether the task surely does not get this pydantic model as its dump."""
    task = fact.resolved_task() if isinstance(fact, Dispatch) else getattr(fact, "task", None)
    if task is None:
        return False
    from flake8_celery.core.messages.validated import refused_argument, takes_models

    validated = takes_models(task)
    if not validated:
        return validated is False
    version = context.options.celery_target_version
    if version is not None and version < (5, 7):
        return True
    return isinstance(fact, Dispatch) and refused_argument(
        fact, task, value, model, context.model.resolver
    )
