"""A crontab that fires every minute or every hour because that field was left out.

## What happens

Every field defaults to `*`. `crontab(hour=7)` is due sixty times, from 7:00 to 7:59, and
`crontab(minute=0, day_of_week=1)` every hour of a Monday. So are rows of django-celery-beat.

```python bad
from celery.schedules import crontab

nightly = crontab(hour=3)
          ^^^^^^^ CEL701
weekly = crontab(day_of_week="mon")
         ^^^^^^^ CEL701
mondays = crontab(minute=0, day_of_week=1)
          ^^^^^^^ CEL701
```
```python bad
from django_celery_beat.models import CrontabSchedule

def daily():
    return CrontabSchedule.objects.get_or_create(hour="7", timezone="Europe/Berlin")
                                   ^^^^^^^^^^^^^ CEL701
```

## Use instead

```python good
from celery.schedules import crontab

nightly = crontab(hour=3, minute=0)
weekly = crontab(0, 0, day_of_week="mon")
hourly_on_mondays = crontab(minute=0, hour="*", day_of_week=1)
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

import ast
from collections.abc import Iterator, Mapping

from flake8_celery.core.engine import Context, Problem, Region, Unknown, called_name, rule
from flake8_celery.core.model import Crontab
from flake8_celery.core.settings.library import CREATING, StoreCall
from flake8_celery.tables.crontab import FIELDS, every_hour, every_minute


@rule(
    "CEL701",
    "crontab-every-minute",
    pylint="W8700",
    on=(Crontab, StoreCall),
    message="%s is left out and means every %s, %s: add %s=0",
)
def check(fact: Crontab | StoreCall, context: Context) -> Iterator[Problem]:
    fields = _fields(fact, context)
    if not fields:
        return
    if every_minute(fields):
        yield Problem(called_name(fact.call), ("minute", "minute", "60 runs an hour", "minute"))
    elif every_hour(fields):
        yield Problem(called_name(fact.call), ("hour", "hour", "24 runs that day", "hour"))


def _fields(fact: Crontab | StoreCall, context: Context) -> Mapping[str, object] | None:
    """The one value of each field that is given; None where one can't be told."""
    places: dict[str, tuple[ast.expr, Region]] = {}
    if isinstance(fact, StoreCall):
        given, complete = fact.fields()
        if fact.store.kind != "crontab" or not complete or _is_changed(fact, context):
            return None
        if fact.method and fact.method not in CREATING:
            return None
        if "id" in given or "pk" in given:
            return None  # a row that is there, whose other fields stay
        places = {
            name: (field.value, field.region) for name, field in given.items() if name in FIELDS
        }
    else:
        if fact.from_string or fact.arguments.splat or fact.arguments.splat_keywords:
            return None
        for position, name in enumerate(FIELDS):
            node = fact.arguments.get(name, position)
            if node is not None:
                places[name] = node, fact.region
    fields: dict[str, object] = {}
    for name, place in places.items():
        values = context.resolve.values(*place)
        if isinstance(values, Unknown) or len(values) != 1:
            return None
        fields[name] = values[0]
    return fields


def _is_changed(fact: StoreCall, context: Context) -> bool:
    """Whether the object's minute or hour is set after it was made."""
    made = fact.statement.targets if isinstance(fact.statement, ast.Assign) else []
    names = {target.id for target in made if isinstance(target, ast.Name)}
    return any(
        isinstance(target, ast.Attribute)
        and target.attr in ("minute", "hour")
        and isinstance(target.value, ast.Name)
        and target.value.id in names
        for statement, region in context.model.candidates.assigns
        if isinstance(statement, ast.Assign) and region.scope is fact.region.scope
        for target in statement.targets
    )
