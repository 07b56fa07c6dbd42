"""A schedule made from a random number or from the current time.

## What happens

The value is taken when beat imports the module: each start of beat gives another schedule. An entry
that was due at 3 may be due at 2 after a deployment at half past two, and is skipped that day, or
sent twice.

```python bad
import random
from datetime import datetime

from celery import Celery
from celery.schedules import crontab

app = Celery("shop")
app.conf.beat_schedule = {
    "report": {
        "task": "shop.report",
        "schedule": crontab(minute=random.randint(0, 59), hour=3),
                                   ^^^^^^^^^^^^^^^^^^^^^ CEL709
    },
    "clean": {"task": "shop.clean", "schedule": crontab(hour=datetime.now().hour, minute=0)},
                                                             ^^^^^^^^^^^^^^ CEL709
}
```

## Use instead

A fixed time; to spread load, a number made from something that stays, such as the host's name.

```python good
from celery import Celery
from celery.schedules import crontab

app = Celery("shop")
app.conf.beat_schedule = {
    "report": {"task": "shop.report", "schedule": crontab(minute=17, hour=3)},
}
```

## Exceptions

`crontab(nowfun=...)`, which takes a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import BeatEntry, Crontab, Fact, Periodic

_NOW: Final = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "django.utils.timezone.now",
        "django.utils.timezone.localtime",
        "time.time",
        "uuid.uuid1",
        "uuid.uuid4",
    }
)
_RANDOM: Final = ("random.", "secrets.", "numpy.random.")


@rule(
    "CEL709",
    "schedule-varies",
    pylint="W8709",
    on=(BeatEntry, Crontab, Periodic),
    message="%s is taken once, when beat starts: each start gives another schedule",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    for node, region in _schedules(fact):
        if isinstance(fact, Crontab):
            found = _varying(node, region, context)
        else:
            # a crontab(...) in its place is a fact of its own
            found = None if _is_crontab(node, region, context) else _varying(node, region, context)
        if found is not None:
            yield Problem(found, (f"{ast.unparse(found.func)}()",))
            return  # one mistake, however many fields it fills


def _schedules(fact: Fact) -> Iterator[tuple[ast.expr, Region]]:
    if isinstance(fact, Crontab):
        for argument in fact.call.args:
            yield argument, fact.region
        for name, keyword in fact.arguments.keywords.items():
            if name not in ("nowfun", "app"):
                yield keyword.value, fact.region
    elif isinstance(fact, BeatEntry):
        if "schedule" in fact.fields:
            yield fact.fields["schedule"][1], fact.region
    elif isinstance(fact, Periodic):
        schedule = fact.arguments.get("schedule", 0)
        if schedule is not None:
            yield schedule, fact.region


def _is_crontab(node: ast.expr, region: Region, context: Context) -> bool:
    found = context.resolve.expressions(node, region)
    return not isinstance(found, Unknown) and any(
        isinstance(value, ast.Call)
        and context.resolve.qualname(value.func, scope) == "celery.schedules.crontab"
        for value, scope in found
    )


def _varying(node: ast.expr, region: Region, context: Context) -> ast.Call | None:
    """The call in an expression (followed through names once) that gives another value each time."""
    found = context.resolve.expression(node, region)
    if found is None:
        return None
    value, scope = found
    if scope.function is not None and scope.scope is not region.scope:
        return None
    for part in ast.walk(value):
        if isinstance(part, ast.Lambda):
            return None
        if isinstance(part, ast.Call):
            name = context.resolve.qualname(part.func, scope) or ""
            if name in _NOW or (name.startswith(_RANDOM) and name != "random.seed"):
                # reported where the schedule is written, even if a name stands for it
                return part
    return None
