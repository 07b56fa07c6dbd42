"""A crontab that Celery rejects.

## What happens

`crontab` raises ValueError, ParseException or TypeError where it stands, most often at import: beat
and every worker that loads the module exit.

```python bad
from celery.schedules import crontab

midnight = crontab(hour=24, minute=0)
                        ^^ CEL702
sunday = crontab(minute=0, hour=3, day_of_week=7)
                                               ^ CEL702
often = crontab(minutes="*/5")
                ^^^^^^^ CEL702
```

## Use instead

```python good
from celery.schedules import crontab

midnight = crontab(hour=0, minute=0)
sunday = crontab(minute=0, hour=3, day_of_week=0)
often = crontab(minute="*/5")
```

## Exceptions

What only some Celery versions reject is reported with `celery-target-version` alone: month names and
`from_string` came with 5.5, a date that never comes is refused since 5.7.

```python bad celery-target-version=5.7
from celery.schedules import crontab

never = crontab(minute=0, hour=0, day_of_month=30, month_of_year=2)
                                               ^^ CEL702
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, name_of, rule
from flake8_celery.core.model import Crontab
from flake8_celery.core.resolve import Unknown
from flake8_celery.facts.confusions import near_miss
from flake8_celery.facts.crontab import FIELDS, KEYWORDS, from_string_problem, problem


@rule(
    "CEL702",
    "crontab-invalid",
    pylint="E8701",
    on=Crontab,
    message="%s: %s raises %s",
    raises=("ValueError", "TypeError", "ParseException"),
)
def check(fact: Crontab, context: Context) -> Iterator[Problem]:
    arguments = fact.arguments
    version = context.options.celery_target_version
    if fact.from_string:
        text = arguments.get("crontab", 0)
        values = context.resolve.values(text, fact.region) if text is not None else ()
        if text is not None and not isinstance(values, Unknown) and len(values) == 1:
            found = from_string_problem(values[0], version=version)
            if found is not None:
                yield Problem(text, (found.text, "crontab.from_string", found.exception))
        return
    for name, keyword in arguments.keywords.items():
        if name not in KEYWORDS:
            meant = near_miss(name, FIELDS) or _CONFUSED.get(name)
            hint = f"{name} is no field" + (f", did you mean {meant}?" if meant else "")
            yield Problem(name_of(keyword), (hint, "crontab", "TypeError"))
    given: dict[str, ast.expr] = {}
    fields: dict[str, object] = {}
    for position, name in enumerate(FIELDS):
        node = arguments.get(name, position)
        if node is None:
            continue
        values = context.resolve.values(node, fact.region)
        if not isinstance(values, Unknown) and len(values) == 1:
            given[name], fields[name] = node, values[0]
        elif name in ("day_of_month", "month_of_year"):
            version = None
    if arguments.splat or arguments.splat_keywords:
        version = None
    found = problem(fields, version=version)
    if found is not None and found.field in given:
        yield Problem(given[found.field], (found.text, "crontab", found.exception))


_CONFUSED = {
    "minutes": "minute",
    "hours": "hour",
    "day": "day_of_month",
    "dow": "day_of_week",
    "weekday": "day_of_week",
    "month": "month_of_year",
}
