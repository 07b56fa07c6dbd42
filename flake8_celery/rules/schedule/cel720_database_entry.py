"""An entry in beat's database that can't be stored, can't be read, or names no task.

## What happens

django-celery-beat keeps `args`, `kwargs` and `headers` as JSON *text*. A dict is stored as Python
writes it: beat can't parse that, logs an error and disables the entry.

- Exactly one of `interval`, `crontab`, `solar` and `clocked` is wanted, and `one_off=True` with the
  last; else `save` raises ValidationError.
- `expires` is a moment, not a number of seconds.
- `IntervalSchedule` knows plural periods only; another makes beat exit, for all entries.
- `task` is a name. One that no task has is sent for ever and discarded by the workers.

```python bad
from django_celery_beat.models import IntervalSchedule, PeriodicTask

def plan(pk):
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period="minute")
                                                                      ^^^^^^^^ CEL720
    PeriodicTask.objects.create(
        name=f"remind-{pk}", task="shop.remind", interval=every, kwargs={"pk": pk},
                                                                        ^^^^^^^^^^ CEL720
    )
    PeriodicTask.objects.create(name="sweep", task="shop.sweep", interval=every, expires=60)
                                                                                         ^^ CEL720
    PeriodicTask.objects.create(name="count", task="shop.count")
                         ^^^^^^ CEL720
```
An entry of RedBeat is written when it is saved, and needs `app=` for that.

```python bad
from celery.schedules import schedule
from redbeat import RedBeatSchedulerEntry

RedBeatSchedulerEntry("remind", "shop.remind", schedule(60)).save()
^^^^^^^^^^^^^^^^^^^^^ CEL720
```

## Use instead

```python good
import json
from django_celery_beat.models import IntervalSchedule, PeriodicTask

def plan(pk):
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.MINUTES)
    PeriodicTask.objects.create(
        name=f"remind-{pk}", task="shop.remind", interval=every, kwargs=json.dumps({"pk": pk}),
        expire_seconds=60,
    )
```
```python good
from celery.schedules import schedule
from redbeat import RedBeatSchedulerEntry
from shop.celery import app

RedBeatSchedulerEntry("remind", "shop.remind", schedule(60), app=app).save()
```

## Exceptions

Classes of the same name from other packages, and values that can't be read: what a form gives. A
list of numbers as `args` (`[order.pk]`) happens to be JSON when Python writes it.

```python good
from celerybeatmongo.models import PeriodicTask

PeriodicTask(task="shop.remind", args=["all"]).save()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import (
    Context,
    FunctionNode,
    Problem,
    called_name,
    keyword_name,
    rule,
)
from flake8_celery.core.settings.library import CREATING, Field, StoreAssign, StoreCall, Stored
from flake8_celery.core.syntax.flow import attributes_read, escapes
from flake8_celery.rules.schedule.stored import (
    Told,
    arguments,
    in_migration,
    interval,
    json_text,
    moments,
    schedules,
    task_name,
    unknown_fields,
)

_NO_SCHEDULE = frozenset({"str", "dict", "list", "tuple"})
_WRITING = frozenset({"save", "delete", "reschedule", "key"})


@rule(
    "CEL720",
    "database-entry",
    pylint="E8768",
    on=(StoreCall, StoreAssign),
    message="%s: %s",
    raises=("ValidationError", "TypeError", "FieldError", "ValueError"),
    yields_to=("CEL701", "CEL702"),
)
def check(fact: Stored, context: Context) -> Iterator[Problem]:
    if fact.method and fact.method not in CREATING and fact.method != "=":
        return
    given, complete = fact.fields()
    if fact.store.is_model and not fact.method:
        complete = False  # what an object still lacks may be set before it is saved
    for place, text in _judge(fact, given, complete, context):
        if place is fact.node:
            yield Problem(called_name(fact.node), (fact.name, text))
        elif isinstance(place, ast.keyword):
            yield Problem(keyword_name(place), (fact.name, text))
        else:
            yield Problem(place, (fact.name, text))


def _judge(
    fact: Stored, given: dict[str, Field], complete: bool, context: Context
) -> Iterator[Told]:
    yield from unknown_fields(fact, given)
    kind = fact.store.kind
    if kind == "interval":
        yield from interval(given, context)
    if kind != "entry":
        return
    yield from task_name(given, context)
    if fact.store.is_model:
        wrong = list(json_text(given, context))
        yield from wrong
        if not in_migration(context):
            yield from schedules(fact, given, complete)  # the model of a migration checks nothing
        yield from moments(given, context)
        if wrong:
            return
    elif isinstance(fact, StoreCall):
        yield from _redbeat(fact, given, complete, context)
    yield from arguments(fact, given, complete, context)


def _redbeat(
    fact: StoreCall, given: dict[str, Field], complete: bool, context: Context
) -> Iterator[Told]:
    schedule = given.get("schedule")
    if schedule is not None:
        kind = context.only(schedule.value, schedule.region, _NO_SCHEDULE)
        if kind:
            text = (
                f"a schedule is seconds, schedule, crontab or rrule, not a {kind}: AttributeError"
            )
            yield Told(schedule.value, text)
    if complete and "app" not in given:
        yield Told(fact.node, "without app= it can't be saved, AttributeError: give app=app")
    elif _is_dropped(fact, context):
        yield Told(fact.node, "the entry is never written to Redis: call save() on it")


def _is_dropped(fact: StoreCall, context: Context) -> bool:
    """Whether the entry is made and nothing is done with it that may write it."""
    statement = fact.statement
    if isinstance(statement, ast.Expr):
        return statement.value is fact.call
    function = fact.region.scope.node
    if not isinstance(statement, ast.Assign) or statement.value is not fact.call:
        return False
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return False
    if not isinstance(function, FunctionNode) or escapes(function.body, target.id):
        return False
    return _WRITING.isdisjoint(attributes_read(function.body, target.id))
