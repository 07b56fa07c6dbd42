"""A beat entry whose messages never expire.

## What happens

While no worker runs, beat goes on sending: after an outage of an hour an entry of each minute has
sixty messages waiting, and all of them run.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0},
    ^^^^^^^ CEL750
}
```

## Use instead

An expiry no longer than the time to the next run, and longer than the task's retries wait: they carry it
along (CEL321).

```python good
from celery import Celery

app = Celery("shop")
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0, "options": {"expires": 50}},
}
```

## When to switch it on

Where workers may stand still for long. In 25 real projects it tells 101 entries of nine; for an entry
that runs once a day it makes little difference.

## Exceptions

A task of this module that has `expires` itself. django-celery-beat's scheduler reads `expire_seconds`
instead, and so does the advice where the settings name it.

```python good
from celery import Celery

app = Celery("shop")
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {
    "count": {"task": "shop.count", "schedule": 60.0, "options": {"expire_seconds": 50}},
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.messages.routes import spots
from flake8_celery.core.messages.sent_task import entry_task, periodic_task
from flake8_celery.core.model import ABSENT, BeatEntry, Fact, Periodic
from flake8_celery.core.settings.library import OWN_SCHEDULER, scheduler_of
from flake8_celery.tables.libraries.shapes import Scheduler


@rule(
    "CEL750",
    "schedule-without-expires",
    pylint="R8710",
    on=(BeatEntry, Periodic),
    message="no expires: after an outage all that beat sent meanwhile is run; add %s",
    default=False,
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    scheduler = scheduler_of(context.model)
    options = scheduler.options if isinstance(scheduler, Scheduler) else None
    name = "expire_seconds" if options and "expire_seconds" in options else "expires"
    for spot in spots(fact, context.resolve):
        if not spot.complete or "expires" in spot.given:
            return
        if "expire_seconds" in spot.given and scheduler != OWN_SCHEDULER:
            return
        if isinstance(fact, BeatEntry):
            if not fact.complete or "task" not in fact.fields:
                return
            task = entry_task(fact, context.model)
            if task is None or task.option("expires") is ABSENT:
                yield Problem(fact.place, (f'"options": {{"{name}": ...}}',))
        elif isinstance(fact, Periodic):
            task = periodic_task(fact, context.model)
            if task is None or task.option("expires") is ABSENT:
                yield Problem(called_name(fact.call), (f"{name}=",))
