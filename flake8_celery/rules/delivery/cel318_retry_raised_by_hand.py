"""`raise Retry(...)` by hand, instead of `self.retry()`.

## What happens

Raising `Retry` only sets the state to RETRY. It is `self.retry()` that sends the message again: here
nothing is sent, and the task never finishes.

```python bad
from celery import shared_task
from celery.exceptions import Retry

@shared_task(bind=True)
def sync(self, pk):
    if not ready(pk):
        raise Retry("not ready")
              ^^^^^^^^^^^^^^^^^^ CEL318
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    if not ready(pk):
        raise self.retry(countdown=60)
```

## Exceptions

Outside of a task's function, as in tests and mocks.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Raise


@rule(
    "CEL318",
    "retry-raised-by-hand",
    pylint="E8537",
    on=Raise,
    message="this sets the state RETRY and sends nothing, the task never finishes: "
    "raise self.retry(...)",
    body=True,
)
def check(fact: Raise, context: Context) -> Iterator[Problem]:
    raised = fact.node.exc
    if (
        fact.name in ("Retry", "RetryTaskError")
        and fact.called
        and fact.task
        and raised is not None
    ):
        yield Problem(raised, ())
