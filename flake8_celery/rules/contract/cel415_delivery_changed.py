"""The queue or the serializer of a deployed task changed.

## What happens

Messages that wait stay in the old queue, and old senders go on filling it; workers that consume only the
new one leave them there. Workers of the old code don't consume the new queue, or don't accept the new
content type and discard what comes in it.

The lock holds `resize` with the queue `slow`:

```python bad file=examples/locked/shop/images.py
from celery import shared_task

@shared_task(queue="images")
                   ^^^^^^^^ CEL415
def resize(image_id): ...
```
```python bad file=examples/locked/shop/images.py
from celery import shared_task

@shared_task(queue="slow", serializer="yaml")
                                      ^^^^^^ CEL415
def resize(image_id): ...
```

## Use instead

Let workers consume both queues (or accept both content types), deploy them, then change the task, and
stop consuming the old queue once it is empty. `flake8-celery lock --accept NAME` takes the change in.

```python good file=examples/locked/shop/images.py
from celery import shared_task

@shared_task(queue="slow")
def resize(image_id): ...
```

## Exceptions

Values that can't be told on either side. Routes in the settings are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.deployed.differences import Change
from flake8_celery.core.engine import Context, Problem, rule


@rule(
    "CEL415",
    "delivery-changed",
    pylint="W8615",
    on=Change,
    message="the %s of the deployed task %s changed: %s",
)
def check(fact: Change, context: Context) -> Iterator[Problem]:
    if fact.code == "CEL415":
        yield Problem(fact.place, fact.arguments)
