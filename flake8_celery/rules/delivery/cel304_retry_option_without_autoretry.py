"""A retry option that only works together with `autoretry_for`, which is not given.

## What happens

`retry_backoff`, `retry_backoff_max`, `retry_jitter`, `retry_kwargs` and `dont_autoretry_for` are
read by automatic retries alone. Without `autoretry_for` they do nothing: the task is not retried by
itself, and `self.retry()` waits `default_retry_delay` (180 seconds), not the backoff.

```python bad
from celery import shared_task

@shared_task(bind=True, retry_backoff=True, max_retries=5)
                        ^^^^^^^^^^^^^ CEL304
def pay(self, order):
    try:
        charge(order)
    except TimeoutError as err:
        raise self.retry(exc=err)
```

## Use instead

```python good
from celery import shared_task

@shared_task(autoretry_for=(TimeoutError,), retry_backoff=True, max_retries=5)
def pay(order):
    charge(order)
```

## Exceptions

A base class that gives `autoretry_for`, or that can't be read; a body that reads the option itself
(`self.retry_backoff`) or hands the task on to another function.

```python good
from celery import shared_task

@shared_task(bind=True, retry_backoff=True)
def pay(self, order):
    raise self.retry(countdown=delay_of(self))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import ABSENT, Retry, Task
from flake8_celery.core.syntax.flow import attributes_read, escapes, names_used

OPTIONS = (
    "retry_backoff",
    "retry_backoff_max",
    "retry_jitter",
    "retry_kwargs",
    "dont_autoretry_for",
)


@rule(
    "CEL304",
    "retry-option-without-autoretry",
    pylint="W8523",
    on=Task,
    words=OPTIONS,
    message="%s does nothing without autoretry_for: the task isn't retried by itself, and retry() "
    "waits %s",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    keywords = task.arguments.keywords
    given = [keywords[name] for name in OPTIONS if name in keywords]
    if not given or task.function is None or task.option("autoretry_for") is not ABSENT:
        return
    body = task.function.body
    if task.self_escapes or "current_task" in names_used(body):
        return
    read = attributes_read(body, task.self_name or "") | attributes_read(body, task.name)
    if escapes(body, task.name) or not read.isdisjoint(OPTIONS):
        return
    first = min(given, key=lambda keyword: (keyword.lineno, keyword.col_offset))
    if context.every(first.value, task.options_region, lambda value: not value):
        return
    waits = "default_retry_delay"
    retries = [retry for retry in context.model.of(Retry) if retry.task is task]
    if retries and not any(retry.arguments.lacks("countdown", 4) for retry in retries):
        waits = "for its countdown"
    yield Problem(keyword_name(first), (first.arg, waits))
