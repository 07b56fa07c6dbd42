"""A step in a crontab that does not divide its range.

## What happens

`*/7` in the minute field means 0, 7, ... 56 and then 0 again: four minutes later, not seven. Each
field starts anew at its end.

```python bad
from celery.schedules import crontab

often = crontab(minute="*/7")
                       ^^^^^ CEL753
nightly = crontab(minute=0, hour="*/5")
                                 ^^^^^ CEL753
```

## Use instead

A step that divides 60, 24 or 12, or a plain number of seconds.

```python good
from celery.schedules import crontab

often = crontab(minute="*/6")
even = crontab(minute=0, hour="*/4")
schedule = 7 * 60.0
```

## When to switch it on

Where schedules are written by hand. In 25 real projects it tells nothing.

## Exceptions

`day_of_month`, where no step divides the range, and ranges such as `8-18/4`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Crontab
from flake8_celery.tables.crontab import CRON_ORDER, FIELDS

_LENGTHS = {"minute": 60, "hour": 24, "day_of_week": 7, "month_of_year": 12}


@rule(
    "CEL753",
    "irregular-step",
    pylint="R8713",
    on=Crontab,
    message="*/%s doesn't divide %s: the last step of each round is %s, not %s",
    default=False,
)
def check(fact: Crontab, context: Context) -> Iterator[Problem]:
    for node, name, value in _fields(fact, context):
        length = _LENGTHS.get(name)
        if length is None or not isinstance(value, str) or not value.startswith("*/"):
            continue
        if not value[2:].isdecimal():
            continue
        step = int(value[2:])
        if 0 < step < length and length % step:
            yield Problem(node, (step, length, length - (length - 1) // step * step, step))


def _fields(fact: Crontab, context: Context) -> Iterator[tuple[ast.expr, str, object]]:
    if fact.from_string:
        text = fact.arguments.get("crontab", 0)
        if text is not None:
            values = context.resolve.values(text, fact.region)
            if not isinstance(values, Unknown) and len(values) == 1:
                parts = str(values[0]).split(" ")
                if len(parts) == len(CRON_ORDER):
                    for name, part in zip(CRON_ORDER, parts, strict=True):
                        yield text, name, part
        return
    for position, name in enumerate(FIELDS):
        node = fact.arguments.get(name, position)
        if node is not None:
            values = context.resolve.values(node, fact.region)
            if not isinstance(values, Unknown) and len(values) == 1:
                yield node, name, values[0]
