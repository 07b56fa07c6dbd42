"""Automatic retries for every exception.

## What happens

`autoretry_for=(Exception,)` retries programming errors too: a KeyError is run four times and comes
late to whoever watches for failures.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(Exception,), retry_backoff=True)
                            ^^^^^^^^^ CEL356
def fetch(url): ...
```

## Use instead

The exceptions that a second try can cure.

```python good
from celery import shared_task

@shared_task(autoretry_for=(ConnectionError, TimeoutError), retry_backoff=True)
def fetch(url): ...
```

## When to switch it on

Where programming errors are to be seen at once. In 25 real projects it tells 17 tasks of two.

## Exceptions

`dont_autoretry_for`, which says that somebody thought of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task


@rule(
    "CEL356",
    "autoretry-on-everything",
    pylint="R8561",
    on=Task,
    message="%s retries programming errors too: name what a second try can cure",
    default=False,
    yields_to=("CEL306",),
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    own = task.own("autoretry_for")
    if own is None or task.own("dont_autoretry_for") is not None:
        return
    if not isinstance(own.value, (ast.Tuple, ast.List)):
        return
    for member in own.value.elts:
        if isinstance(member, ast.Name) and member.id in ("Exception", "BaseException"):
            if own.region.is_builtin(member.id):
                yield Problem(member, (member.id,))
