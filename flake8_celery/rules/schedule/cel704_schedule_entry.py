"""A beat entry that beat can't read, or that floods the workers.

## What happens

- A misspelt key: `TypeError`, beat exits.
- No `schedule`, or one that is text or a dict: the entry is never sent. Beat exits, or since 5.7
  logs an error every five minutes.
- A schedule of 0 or less is always due: hundreds of messages a second.
- No `task`: a task named None is sent each time.
- `args` that is text becomes a list of its characters; a number raises TypeError each time.
- A list of entries: beat exits.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "celery.beat:PersistentScheduler"
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0, "queue": "slow"},
                                                      ^^^^^^^ CEL704
}
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.beat_schedule = {
    "sum": {"task": "shop.sum", "schedule": 60.0, "expires": 30},
                                                  ^^^^^^^^^ CEL704
    "remind": {"task": "shop.remind", "schedul": 60.0},
                                      ^^^^^^^^^ CEL704
    "report": {"task": "shop.report", "schedule": "0 3 * * *"},
                                                  ^^^^^^^^^^^ CEL704
    "clean": {"task": "shop.clean", "schedule": 60.0, "args": ("all")},
                                                               ^^^^^ CEL704
}
```

## Use instead

```python good
from celery import Celery
from celery.schedules import crontab

app = Celery("shop")
app.conf.beat_schedule = {
    "remind": {"task": "shop.remind", "schedule": 60.0},
    "report": {"task": "shop.report", "schedule": crontab(minute=0, hour=3)},
    "clean": {"task": "shop.clean", "schedule": 60.0, "args": ("all",)},
    "sum": {"task": "shop.sum", "schedule": 60.0, "options": {"expires": 30}},
}
```

## Exceptions

Schedulers of other packages take further keys. Where `beat_scheduler` names none it likely is
Celery's own, unless anything in the project speaks of another (redbeat, django-celery-beat, `-S`):
then only keys near a legal one are reported, and options of a call that no scheduler takes.
A schedule below an `if` that its value never passes (`if settings.EVERY > 0:`) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import BeatEntry, Fact, LooseSetting, Setting
from flake8_celery.core.settings.schedulers import names_another, own_scheduler
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.execution import APPLY_ASYNC
from flake8_celery.tables.messaging import BEAT_ENTRY_KEYS

#: Options that no scheduler takes as a key: those of the database schedulers left out.
_CALL_ONLY = frozenset(
    {"time_limit", "soft_time_limit", "countdown", "eta", "serializer", "compression", "link_error"}
)
_NO_SCHEDULE = frozenset({"str", "dict", "list", "tuple", "none"})
_NO_ARGUMENTS = frozenset({"str", "int", "float", "bool", "dict", "set"})


@rule(
    "CEL704",
    "schedule-entry",
    pylint="E8703",
    on=(BeatEntry, Setting, LooseSetting),
    message="%s: %s",
    yields_to=("CEL722",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Setting):
        if fact.key == "beat_schedule" and fact.how == "=":
            kind = context.only(fact.value, fact.region, {"list", "tuple"})
            if kind and not context.every(fact.value, fact.region, lambda value: not value):
                told = "a list of entries makes beat exit: write a dict of name and entry"
                yield Problem(fact.value, (fact.written, told))
        return
    assert isinstance(fact, BeatEntry)
    shown = f"entry {fact.label!r}" if fact.label else "entry"
    misspelt = False
    for name, (place, _) in fact.fields.items():
        if name not in BEAT_ENTRY_KEYS:
            meant = near_miss(name, sorted(BEAT_ENTRY_KEYS))
            if meant is not None:
                misspelt = True
                told = f"{name!r} is no key and beat exits with TypeError, did you mean {meant!r}?"
                yield Problem(place, (shown, told), place)
                continue
            own = own_scheduler(context.model)
            if own:
                misspelt = True
                where = 'put it into "options"' if name in APPLY_ASYNC else "take it out"
                told = f"{name!r} is no key and beat exits with TypeError, {where}"
                yield Problem(place, (shown, told), place)
            elif name in _CALL_ONLY:
                told = f'{name!r} is no key but an option: put it into "options"'
                yield Problem(place, (shown, told), place)
            elif own is None and name in APPLY_ASYNC and not names_another(context.model):
                misspelt = True
                told = f'{name!r} is no key, most likely beat exits with TypeError: put it into "options"'
                yield Problem(place, (shown, told), place)
    if fact.complete and not misspelt:
        for name, told in (
            ("task", "no task: beat sends a task named None each time"),
            ("schedule", "no schedule: it is never sent"),
        ):
            if name not in fact.fields:
                yield Problem(fact.node, (shown, told))
    yield from _schedule(fact, shown, context)
    args = fact.fields.get("args")
    if args is not None:
        kind = context.only(args[1], fact.region, _NO_ARGUMENTS)
        if kind and not context.every(args[1], fact.region, lambda value: not value):
            told = f"args is a {kind}, no list or tuple: the task gets wrong arguments or none"
            yield Problem(args[1], (shown, told))


def _schedule(entry: BeatEntry, shown: str, context: Context) -> Iterator[Problem]:
    schedule = entry.fields.get("schedule")
    if schedule is None:
        return
    value: ast.expr = schedule[1]
    kind = context.only(value, entry.region, _NO_SCHEDULE)
    if kind:
        what = "None" if kind == "none" else f"a {kind}"
        told = f"a schedule is seconds, a timedelta, crontab or solar, not {what}: it is never sent"
        yield Problem(value, (shown, told))
    elif context.every(value, entry.region, _not_positive):
        yield Problem(
            value, (shown, "a schedule of 0 or less is always due and floods the workers")
        )


def _not_positive(value: object) -> bool:
    if isinstance(value, timedelta):
        return value <= timedelta(0)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0
