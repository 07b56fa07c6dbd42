"""A method of Celery's tasks on a task of another queue.

## What happens

`django.tasks`, dramatiq, taskiq and procrastinate have decorators much like Celery's. What they make
has no `delay` and no `apply_async`: AttributeError.

```python bad
from django.tasks import task

@task
def remind(pk): ...

def later(pk):
    remind.delay(pk)
           ^^^^^ CEL926
```
```python bad
import dramatiq

@dramatiq.actor(queue_name="slow")
def sweep(): ...

def later():
    sweep.apply_async()
          ^^^^^^^^^^^ CEL926
```

## Use instead

The other queue's own way, or Celery's decorator.

```python good
import dramatiq
from celery import shared_task
from django.tasks import task

@task
def remind(pk): ...

@dramatiq.actor
def sweep(): ...

@shared_task
def charge(pk): ...

def later(pk):
    remind.enqueue(pk)
    sweep.send()
    charge.delay(pk)
```

## Exceptions

Queues whose tasks do have such a method, and functions under a further decorator above.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.settings.library import ForeignCall


@rule(
    "CEL926",
    "not-a-celery-task",
    pylint="E8771",
    on=ForeignCall,
    message="%s is %s and has no %s, AttributeError: %s",
    raises=("AttributeError",),
)
def check(fact: ForeignCall, context: Context) -> Iterator[Problem]:
    instead = fact.made.instead
    told = f"write {instead}" if "(" in instead else instead
    yield Problem(called_name(fact.node), (fact.receiver, fact.made.what, fact.method, told))
