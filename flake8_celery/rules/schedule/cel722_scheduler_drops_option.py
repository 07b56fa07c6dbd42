"""A beat entry that the project's own scheduler does not take as it is written.

## What happens

`beat_scheduler` names a scheduler of another package, which takes less than Celery's own, or more:

- A key that it does not know: django-celery-beat and RedBeat log an error once, and never send the
  task.
- Options that it has no place for are dropped: django-celery-beat keeps `queue`, `exchange`,
  `routing_key`, `priority`, `headers` and `expire_seconds`, and nothing else.
- django-celery-beat counts whole seconds: an interval below one becomes zero, which is always due.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0, "options": {"expires": 50}},
                                                                  ^^^^^^^^^ CEL722
    "sweep": {"task": "shop.sweep", "schedule": 60.0, "enable": False},
                                                      ^^^^^^^^ CEL722
    "poll": {"task": "shop.poll", "schedule": 0.5},
                                              ^^^ CEL722
    "mail": {"task": "shop.mail", "schedule": 60.0, "queue": "slow"},
                                                    ^^^^^^^ CEL722
}
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "redbeat.RedBeatSchedular"
                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL722
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "count": {
        "task": "shop.count",
        "schedule": 60.0,
        "enabled": True,
        "options": {"expire_seconds": 50, "queue": "slow"},
    },
}
```

## Exceptions

Schedulers that are not known, classes derived from one that is, and projects whose settings name none:
`celery beat -S` may.

```python good
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "shop.beat:OffsetScheduler"
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0, "apply_offset": True},
}
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import timedelta

from flake8_celery.core.engine import Context, Problem, Region, Span, keyword_name, rule
from flake8_celery.core.messages.routes import spots
from flake8_celery.core.model import BeatEntry, Fact, Periodic, Setting
from flake8_celery.core.settings.library import scheduler_of
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.execution import APPLY_ASYNC
from flake8_celery.tables.libraries import library_of
from flake8_celery.tables.libraries.shapes import Scheduler

_ALWAYS = frozenset({"task", "schedule", "args", "kwargs", "options"})
_CALL = frozenset({"schedule", "sig", "args", "kwargs", "name"})


@rule(
    "CEL722",
    "scheduler-drops-option",
    pylint="E8770",
    on=(BeatEntry, Periodic, Setting),
    message="%s under %s: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Setting):
        if fact.key == "beat_scheduler" and fact.how == "=":
            yield from _misspelt(fact, context)
        return
    scheduler = scheduler_of(context.model)
    if not isinstance(scheduler, Scheduler):
        return
    schedule: ast.expr | None = None
    if isinstance(fact, BeatEntry):
        yield from _keys(fact, scheduler)
        schedule = fact.fields["schedule"][1] if "schedule" in fact.fields else None
    elif isinstance(fact, Periodic):
        schedule = fact.arguments.get("schedule", 0)
    for spot in spots(fact, context.resolve):
        yield from _options(spot.given, scheduler)
    if schedule is not None:
        yield from _schedule(schedule, fact.region, scheduler, context)


def _keys(fact: BeatEntry, scheduler: Scheduler) -> Iterator[Problem]:
    for name, (place, _) in fact.fields.items():
        if name in scheduler.lost:
            arguments = (f"key {name!r}", scheduler.shown, scheduler.lost[name])
            yield Problem(_place(place), arguments, place)
        elif name not in _ALWAYS and name not in scheduler.keys and scheduler.unknown:
            meant = near_miss(name, sorted(scheduler.keys | _ALWAYS))
            if meant:
                hint = f"did you mean {meant!r}?"
            elif name in APPLY_ASYNC and scheduler.options is None:
                hint = 'put it into "options"'
            elif name in scheduler.hints:
                hint = f'in "options" {scheduler.hints[name]}'
            else:
                hint = "take it out"
            arguments = (f"key {name!r}", scheduler.shown, f"{scheduler.unknown}: {hint}")
            yield Problem(_place(place), arguments, place)


def _options(
    given: Mapping[str, tuple[ast.AST, ast.expr]], scheduler: Scheduler
) -> Iterator[Problem]:
    taken = scheduler.options
    if taken is None:
        return
    for name, (place, _) in given.items():
        if name in taken or name in _CALL:
            continue
        meant = near_miss(name, sorted(taken))
        hint = scheduler.hints.get(name) or (f"did you mean {meant}?" if meant else "")
        hint = hint or "give it on the task"
        arguments = (f"option {name!r}", scheduler.shown, f"it is dropped, {hint}")
        yield Problem(_place(place), arguments, place)


def _place(node: ast.AST) -> ast.AST | Span:
    return keyword_name(node) if isinstance(node, ast.keyword) else node


def _schedule(
    node: ast.expr, region: Region, scheduler: Scheduler, context: Context
) -> Iterator[Problem]:
    if scheduler.whole_seconds and context.every(node, region, _below_one):
        told = "an interval is counted in whole seconds, so this one is always due"
        yield Problem(node, ("a schedule below 1 s", scheduler.shown, told), node)
    name = context.resolve.qualname(node.func, region) if isinstance(node, ast.Call) else None
    if name is not None and name.startswith("celery."):
        kind = name.rpartition(".")[2]
        if kind in scheduler.refused:
            told = "it can't be stored, and the task is never sent"
            yield Problem(node, (f"a {kind} schedule", scheduler.shown, told), node)


def _below_one(value: object) -> bool:
    if isinstance(value, timedelta):
        return timedelta(0) < value < timedelta(seconds=1)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1


def _misspelt(fact: Setting, context: Context) -> Iterator[Problem]:
    """A path within a known package that leads to no scheduler of it."""
    for value in context.every(fact.value, fact.region, lambda value: isinstance(value, str)):
        dotted = value.replace(":", ".")
        library = library_of(dotted) if "." in dotted else None
        paths = [p for one in library.schedulers for p in one.paths] if library else []
        if not paths or dotted in paths:
            continue
        last = dotted.rpartition(".")[2]
        meant = near_miss(dotted, paths)
        for path in paths:
            own = path.rpartition(".")[2]
            if meant is None and (own == last or near_miss(last, [own])):
                meant = path
        if meant is not None:
            module, _, name = meant.rpartition(".")
            told = f"there is no such scheduler and beat exits, did you mean {module}:{name}?"
            yield Problem(fact.value, (repr(value), fact.written, told))
        return
