"""A crontab that Celery takes for something else than it says.

## What happens

- A step larger than the range, `*/61`, means once, at its beginning.
- A name of another field: `minute="mon"` is minute 1.
- Names are read by their first three letters: `monkey` is Monday.
- `b"5"` is a sequence of byte values: minute 53.
- An empty list never comes, and beat fails at each tick.

```python bad
from celery.schedules import crontab

hourly = crontab(minute="*/90")
                        ^^^^^^ CEL703
odd = crontab(minute="mon", hour=3)
                     ^^^^^ CEL703
```

## Use instead

```python good
from celery.schedules import crontab

hourly = crontab(minute=0)
night = crontab(minute="*/60", hour="22-6", day_of_week="tues,Thursday")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Crontab
from flake8_celery.tables.crontab import CRON_ORDER, FIELDS, misleading


@rule(
    "CEL703",
    "crontab-misleading",
    pylint="W8702",
    on=Crontab,
    message="%s",
    yields_to=("CEL702",),
)
def check(fact: Crontab, context: Context) -> Iterator[Problem]:
    given: dict[str, ast.expr] = {}
    fields: dict[str, object] = {}
    if fact.from_string:
        text = fact.arguments.get("crontab", 0)
        values = context.every(text, fact.region, lambda value: isinstance(value, str))
        if text is None or len(values) != 1:
            return
        parts = str(values[0]).split(" ")
        if len(parts) == len(CRON_ORDER):
            fields = dict(zip(CRON_ORDER, parts, strict=True))
            given = dict.fromkeys(CRON_ORDER, text)
    else:
        for position, name in enumerate(FIELDS):
            node = fact.arguments.get(name, position)
            if node is None:
                continue
            found = context.resolve.values(node, fact.region)
            if not isinstance(found, Unknown) and len(found) == 1:
                given[name], fields[name] = node, found[0]
    problem = misleading(fields)
    if problem is not None:
        yield Problem(given[problem.field], (problem.text,))
