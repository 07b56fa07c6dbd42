"""A task called like a function.

## What happens

It runs here and now, in the web request or the command, without a worker, without its time limits,
retries and queue. Often on purpose; often a forgotten `.delay`.

```python bad
from celery import shared_task

@shared_task
def charge(order_id): ...

def view(request):
    charge(request.order_id)
    ^^^^^^ CEL951
```

## Use instead

```python good
from celery import shared_task

@shared_task
def charge(order_id): ...

def view(request):
    charge.delay(request.order_id)
```

What is meant to run at once is better a function of its own, which the task calls.

## Exceptions

Calls inside tasks, which run in a worker already, and in tests. `charge.run(1)` and
`charge.apply((1,))` say that it is meant. Of 24 findings in 22 packages 11 stand in management
commands and admin pages, where it is. Switch it on where tasks must not run in web processes.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import TaskCall


@rule(
    "CEL951",
    "direct-call",
    pylint="R8787",
    on=TaskCall,
    default=False,
    body=True,
    message="the task %s is called like a function and runs here, without a worker: send it with "
    ".delay(), or say .run()",
)
def check(fact: TaskCall, context: Context) -> Iterator[Problem]:
    task = fact.resolved_task()
    if task is None or context.model.owner(fact.region) is not None:
        return
    if not context.for_development:
        yield Problem(called_name(fact.call), (task.name,))
