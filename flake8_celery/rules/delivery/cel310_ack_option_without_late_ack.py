"""An acknowledgement option on a task that is acknowledged early: it does nothing.

## What happens

`reject_on_worker_lost`, `acks_on_failure`, `acks_on_timeout` and `acks_on_failure_or_timeout` are
looked at only where a message is acknowledged after the task ran. By default it is acknowledged
before: a worker that is killed loses the task, whatever these say.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(reject_on_worker_lost=True)
          ^^^^^^^^^^^^^^^^^^^^^ CEL310
def charge(pk): ...
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task(acks_late=True, reject_on_worker_lost=True)
def charge(pk): ...
```

`retry_on_worker_lost` (Celery 5.7) works without late acknowledgement.

## Exceptions

A task whose application's settings can't all be read, or hold annotations: they may switch late
acknowledgement on.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.settings.effective import is_off

_OPTIONS = (
    "reject_on_worker_lost",
    "acks_on_failure_or_timeout",
    "acks_on_failure",
    "acks_on_timeout",
)


@rule(
    "CEL310",
    "ack-option-without-late-ack",
    pylint="W8563",
    on=Task,
    words=_OPTIONS,
    message="%s has no effect without acks_late=True: the message is acknowledged before the task "
    "runs",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    for name in _OPTIONS:
        own = task.own(name)
        if own is None or own.keyword is None:
            continue
        if context.every(own.value, own.region, lambda value: value is None):
            continue
        if is_off(task, "acks_late", context.model):
            yield Problem(keyword_name(own.keyword), (name,))
