"""A task that ends in the default queue.

## What happens

All tasks without a queue share one, and its workers: while a slow one runs, the quick ones wait.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task
def report(day): ...
    ^^^^^^ CEL550
```

## Use instead

A route, or a queue.

```python good file=tasks.py
from celery import Celery

app = Celery("shop", broker="amqp://")
app.conf.task_routes = {"tasks.*": {"queue": "reports"}}

@app.task
def report(day): ...
```

## When to switch it on

Where slow and urgent tasks live in one project. In 25 real projects it tells 72 tasks of four: small
projects rightly live with one queue.

## Exceptions

Where a route can't be read nothing is said. A queue given at each call is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, defined_name, rule
from flake8_celery.core.messages.routes import matches, routes
from flake8_celery.core.model import ABSENT, Task
from flake8_celery.core.model.naming import name_of


@rule(
    "CEL550",
    "default-queue",
    pylint="R8631",
    on=Task,
    message="%s goes to the default queue with everything else: give it a queue, or a route",
    default=False,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style == "class":
        return  # most are bases of others
    if any(task.option(name) is not ABSENT for name in ("queue", "exchange", "routing_key")):
        return
    configuration = context.configuration(task)
    if not configuration.found or not configuration.absent("task_annotations"):
        return
    table = routes(configuration)
    if table is None:
        return
    name = name_of(task).value
    if table and (name is None or any(matches(route.pattern, name) for route in table)):
        return
    yield Problem(defined_name(task.node, context.module), (task.name,))
