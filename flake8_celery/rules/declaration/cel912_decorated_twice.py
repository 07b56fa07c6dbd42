"""Two task decorators on one function.

## What happens

`@shared_task` twice raises TypeError from Celery 5.7; other pairs register two tasks under one name,
and which of them runs is not certain.

```python bad
from celery import shared_task

@shared_task(name="sync")
@shared_task
 ^^^^^^^^^^^ CEL912
def sync(pk): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(name="sync")
def sync(pk): ...
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task


@rule(
    "CEL912",
    "decorated-twice",
    pylint="W8731",
    on=Task,
    message="%s already has a task decorator: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    for other in task.again:
        both_shared = task.style == other.style == "shared"
        told = "TypeError from Celery 5.7" if both_shared else "two tasks under one name"
        if other.decorator is not None:
            yield Problem(other.decorator, (task.name, told))
