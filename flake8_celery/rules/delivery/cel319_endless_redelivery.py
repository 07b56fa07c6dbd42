"""A late-acknowledged task that runs into its time limit again and again.

## What happens

With late acknowledgement and `acks_on_failure_or_timeout=False` (from Celery 5.7 on also
`acks_on_timeout=False`), a task that runs into its hard limit is put back into the queue at once, and
every run of it ends the same way: a process killed, the message redelivered, for ever. Neither
`max_retries` nor an error callback ends it.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(acks_late=True, acks_on_failure_or_timeout=False, time_limit=600)
                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL319
def report(month): ...
```

## Use instead

Let a timeout be acknowledged, as it is by default; a killed worker is covered by
`reject_on_worker_lost`.

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(acks_late=True, reject_on_worker_lost=True, time_limit=600)
def report(month): ...
```

## Exceptions

Before Celery 5.5 the message is thrown away instead: silent where `celery-target-version` is older.
A task without a hard limit, or whose limit, acknowledgement or settings can't be told; a soft limit
below the hard one, of which the body makes something else in time.

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(acks_late=True, acks_on_failure_or_timeout=False, time_limit=600, soft_time_limit=500)
def report(month): ...
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.model import Absent, Task
from flake8_celery.core.settings.effective import effective, is_on, seconds

BOTH = "acks_on_failure_or_timeout"
TIMEOUT = "acks_on_timeout"


@rule(
    "CEL319",
    "endless-redelivery",
    pylint="W8529",
    on=Task,
    words=("acks_on_",),
    message="a run that reaches the limit of %s s is put back into the queue at once, for ever: "
    "leave out %s=False",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if version is not None and version < (5, 5):
        return
    own = next((o for name in (TIMEOUT, BOTH) if (o := task.own(name)) is not None), None)
    if own is None or own.keyword is None:
        return
    if not context.every(own.value, own.region, lambda value: value is False):
        return
    model = context.model
    limits = seconds(effective(task, "time_limit", model))
    soft = effective(task, "soft_time_limit", model)
    if not limits or not is_on(task, "acks_late", model) or isinstance(soft, Unknown):
        return
    if isinstance(soft, Absent) or not any(soft) or min(seconds(soft) or (0,)) >= max(limits):
        yield Problem(keyword_name(own.keyword), (f"{min(limits):g}", own.name))
