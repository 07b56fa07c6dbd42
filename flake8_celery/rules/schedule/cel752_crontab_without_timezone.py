"""A crontab, and no time zone is set.

## What happens

A crontab is read in the application's `timezone`, which is UTC unless set: three at night may be five
in the morning, and an hour earlier in winter.

```python bad
from celery import Celery
from celery.schedules import crontab

app = Celery("shop")
app.conf.beat_schedule = {
    "report": {"task": "shop.report", "schedule": crontab(minute=0, hour=3)},
                                                  ^^^^^^^ CEL752
}
```

## Use instead

```python good
from celery import Celery
from celery.schedules import crontab

app = Celery("shop")
app.conf.timezone = "Europe/Vienna"
app.conf.beat_schedule = {
    "report": {"task": "shop.report", "schedule": crontab(minute=0, hour=3)},
}
```

## When to switch it on

Where people read the schedule as local time. In 25 real projects it tells nothing.

## Exceptions

Reported once a module, at the first crontab that has an hour. Where a setting can't be read nothing is
said; Django's `TIME_ZONE` counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Crontab


@rule(
    "CEL752",
    "crontab-without-timezone",
    pylint="R8712",
    on=Crontab,
    message="this crontab is in UTC, because no timezone is set: set one, if only UTC",
    default=False,
)
def check(fact: Crontab, context: Context) -> Iterator[Problem]:
    if not _has_hour(fact):
        return
    crontabs = [other for other in context.model.of(Crontab) if _has_hour(other)]
    if fact is not min(crontabs, key=lambda other: (other.call.lineno, other.call.col_offset)):
        return
    configuration = context.configuration()
    if configuration.absent("timezone") and configuration.absent("TIME_ZONE"):
        yield Problem(called_name(fact.call), ())


def _has_hour(fact: Crontab) -> bool:
    return not fact.from_string and fact.arguments.get("hour", 1) is not None
