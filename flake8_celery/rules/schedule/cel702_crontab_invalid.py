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
never = crontab(minute=0, hour=0, day_of_month=30, month_of_year=2)
                                               ^^ CEL702
```

A date that never comes is refused since Celery 5.7; before, beat exits when it looks for the next
one. A row of django-celery-beat is stored whatever it says, and beat skips it.

```python bad
from django_celery_beat.models import CrontabSchedule

def midnight():
    return CrontabSchedule.objects.create(minute="0", hour="24")
                                                           ^^^^ CEL702
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
`from_string` came with 5.5. 29 February comes.

```python good
from celery.schedules import crontab

leap_day = crontab(minute=0, hour=0, day_of_month=29, month_of_year=2)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, Unknown, keyword_name, rule
from flake8_celery.core.model import Crontab
from flake8_celery.core.settings.library import StoreAssign, StoreCall, Stored
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.crontab import FIELDS, KEYWORDS, NEVER, from_string_problem, problem
from flake8_celery.tables.crontab import Problem as Wrong


@rule(
    "CEL702",
    "crontab-invalid",
    pylint="E8701",
    on=(Crontab, StoreCall, StoreAssign),
    message="%s: %s %s",
    raises=("ValueError", "TypeError", "ParseException"),
)
def check(fact: Crontab | Stored, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if isinstance(fact, Stored):
        if fact.store.kind == "crontab":
            yield from _stored(fact, context)
        return
    arguments = fact.arguments
    if fact.from_string:
        text = arguments.get("crontab", 0)
        values = context.resolve.values(text, fact.region) if text is not None else ()
        if text is not None and not isinstance(values, Unknown) and len(values) == 1:
            found = from_string_problem(values[0], version=version)
            if found is not None:
                yield Problem(text, _told(found, "crontab.from_string"))
        return
    for name, keyword in arguments.keywords.items():
        if name not in KEYWORDS:
            meant = near_miss(name, FIELDS) or _CONFUSED.get(name)
            hint = f"{name} is no field" + (f", did you mean {meant}?" if meant else "")
            yield Problem(keyword_name(keyword), (hint, "crontab raises", "TypeError"))
    places: dict[str, tuple[ast.expr, Region]] = {}
    for position, name in enumerate(FIELDS):
        node = arguments.get(name, position)
        if node is not None:
            places[name] = node, fact.region
    hidden = arguments.splat or arguments.splat_keywords
    found = _judge(places, not hidden, version, context)
    if found is not None and found.field in places:
        yield Problem(places[found.field][0], _told(found, "crontab"))


def _told(found: Wrong, what: str) -> tuple[str, str, str]:
    if found.exception == NEVER:
        return found.text, "beat", "exits when it looks for the next one"
    return found.text, f"{what} raises", found.exception


def _stored(fact: Stored, context: Context) -> Iterator[Problem]:
    """The fields of a row, which are text whatever is given."""
    given, complete = fact.fields()
    if fact.method == "get_or_create" or not fact.method or fact.method == "create":
        dates = complete
    else:
        dates = False  # a row that is there may have another month
    places = {name: (field.value, field.region) for name, field in given.items() if name in FIELDS}
    found = _judge(places, dates, None, context, stored=True)
    if found is not None and found.field in places:
        told = f"{found.exception} in beat, which skips it without a word"
        yield Problem(places[found.field][0], (found.text, "reading the row raises", told))


def _judge(
    places: dict[str, tuple[ast.expr, Region]],
    dates: bool,
    version: tuple[int, int] | None,
    context: Context,
    stored: bool = False,
) -> Wrong | None:
    """What is wrong with the fields whose one value is known."""
    fields: dict[str, object] = {}
    for name, place in places.items():
        values = context.resolve.values(*place)
        if not isinstance(values, Unknown) and len(values) == 1:
            fields[name] = str(values[0]) if stored else values[0]
        elif name in ("day_of_month", "month_of_year"):
            dates = False
    return problem(fields, version=version, dates=dates)


_CONFUSED = {
    "minutes": "minute",
    "hours": "hour",
    "day": "day_of_month",
    "dow": "day_of_week",
    "weekday": "day_of_week",
    "month": "month_of_year",
}
