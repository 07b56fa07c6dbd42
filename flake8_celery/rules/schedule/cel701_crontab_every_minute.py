"""A crontab that fires every minute because the minute was left out.

## What happens

`minute` defaults to `*`. `crontab(hour=7)` is due sixty times, from 7:00 to 7:59.

```python bad
from celery.schedules import crontab

nightly = crontab(hour=3)
          ^^^^^^^ CEL701
weekly = crontab(day_of_week="mon")
         ^^^^^^^ CEL701
```

## Use instead

```python good
from celery.schedules import crontab

nightly = crontab(hour=3, minute=0)
weekly = crontab(0, 0, day_of_week="mon")
```

## Exceptions

`hour="*"` and ranges such as `hour="9-17"`, where each minute may be meant.

```python good
from celery.schedules import crontab

office_hours = crontab(hour="9-17", day_of_week="mon-fri")
always = crontab()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Crontab
from flake8_celery.core.resolve import Unknown
from flake8_celery.facts.crontab import FIELDS, every_minute


@rule(
    "CEL701",
    "crontab-every-minute",
    pylint="W8700",
    on=Crontab,
    message="minute is left out and means every minute, 60 runs an hour: add minute=0",
)
def check(fact: Crontab, context: Context) -> Iterator[Problem]:
    arguments = fact.arguments
    if fact.from_string or arguments.splat or arguments.splat_keywords:
        return
    fields: dict[str, object] = {}
    for position, name in enumerate(FIELDS):
        given = arguments.get(name, position)
        if given is None:
            continue
        values = context.resolve.values(given, fact.region)
        if name == "minute" or isinstance(values, Unknown) or len(values) != 1:
            return
        fields[name] = values[0]
    if every_minute(fields):
        yield Problem(called_name(fact.call), ())
