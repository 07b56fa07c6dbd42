"""An application whose settings limit no task's time.

## What happens

A task that hangs, on a socket or a lock, holds its worker process until somebody restarts it. Every
task without a limit of its own can do that.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")
      ^^^^^^ CEL150
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")
app.conf.task_time_limit = 600
app.conf.task_soft_time_limit = 540
```

## When to switch it on

To see at one look which applications limit nothing. It is told once an application: 3 in 25 real
projects.

## Exceptions

Settings that can't all be read, and annotations, which may hold a limit. Reported once, where the
application is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import App

_SETTINGS = ("task_time_limit", "task_soft_time_limit", "task_annotations")


@rule(
    "CEL150",
    "no-time-limit",
    pylint="R8567",
    on=App,
    default=False,
    message="no time limit in the settings of %s: a task that hangs holds its worker process for "
    "ever",
)
def check(fact: App, context: Context) -> Iterator[Problem]:
    configuration = context.configuration()
    if configuration.found and all(configuration.absent(name) for name in _SETTINGS):
        yield Problem(called_name(fact.node), (fact.name,))
