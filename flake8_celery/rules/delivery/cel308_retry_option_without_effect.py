"""A retry option that another one makes useless.

## What happens

- `retry_backoff` is cut to whole seconds, at least 1: 0.5 waits 1 second, 2.9 waits 2.
- `retry_backoff_max` and `retry_jitter` are read only under `retry_backoff`.
- Under `retry_backoff` the delay is always the backoff: `default_retry_delay` and a `countdown` in
  `retry_kwargs` are overruled.
- `retry_kwargs={"max_retries": None}` and `self.retry(max_retries=None)` mean "as the task says"
  (3), not "without end".

```python bad
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=0.5)
                                                     ^^^ CEL308
def fetch(): ...

@shared_task(autoretry_for=(OSError,), retry_backoff_max=60)
                                       ^^^^^^^^^^^^^^^^^ CEL308
def push(): ...

@shared_task(autoretry_for=(OSError,), retry_backoff=True, default_retry_delay=10)
                                                           ^^^^^^^^^^^^^^^^^^^ CEL308
def pull(): ...
```
```python bad
from celery import shared_task

@shared_task(bind=True)
def fetch(self):
    raise self.retry(max_retries=None)
                                 ^^^^ CEL308
```

## Use instead

```python good
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=2, retry_backoff_max=60, max_retries=None)
def fetch(): ...

@shared_task(autoretry_for=(OSError,), default_retry_delay=10)
def pull(): ...
```

## Exceptions

`default_retry_delay` beside backoff where the body also retries by hand, or hands the task on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import ABSENT, Fact, Option, Retry, Task


@rule(
    "CEL308",
    "retry-option-without-effect",
    pylint="W8527",
    on=(Task, Retry),
    words=("retry",),
    message="%s has no effect: %s",
    body=True,
    yields_to=("CEL304",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Retry):
        given = fact.arguments.get("max_retries", 6)
        if given is not None and context.every(given, fact.region, lambda value: value is None):
            told = (
                "the task's own limit is used (3 by default); max_retries=None belongs on the task"
            )
            yield Problem(given, ("max_retries=None", told))
        return
    assert isinstance(fact, Task)
    if not isinstance(fact.option("autoretry_for"), Option):
        return
    backoff = fact.option("retry_backoff")
    if isinstance(backoff, Option):
        yield from _fraction(backoff, context)
        if context.every(backoff.value, backoff.region, bool):
            yield from _overruled(fact, context)
    if backoff is ABSENT or (
        isinstance(backoff, Option)
        and context.every(backoff.value, backoff.region, lambda value: not value)
    ):
        yield from _without_backoff(fact, context)
    yield from _unlimited(fact, context)


def _fraction(backoff: Option, context: Context) -> Iterator[Problem]:
    values = context.every(
        backoff.value,
        backoff.region,
        lambda value: isinstance(value, float) and value > 0 and value != int(value),
    )
    if values and not backoff.inherited:
        value = values[0]
        told = f"the delay is cut to whole seconds, {max(1, int(value))} s"
        yield Problem(backoff.value, (f"the fraction of retry_backoff={value}", told))


def _without_backoff(task: Task, context: Context) -> Iterator[Problem]:
    for name in ("retry_backoff_max", "retry_jitter"):
        option = task.own(name)
        if option is None or option.keyword is None:
            continue
        if not context.every(option.value, option.region, lambda value: not value):
            yield Problem(
                keyword_name(option.keyword), (name, "it is read only under retry_backoff")
            )


def _overruled(task: Task, context: Context) -> Iterator[Problem]:
    by_hand = task.self_escapes or any(retry.task is task for retry in context.model.of(Retry))
    delay = task.own("default_retry_delay")
    if delay is not None and delay.keyword is not None and not by_hand:
        told = "under retry_backoff the delay is always the backoff"
        yield Problem(keyword_name(delay.keyword), ("default_retry_delay", told))
    kwargs = task.own("retry_kwargs")
    if kwargs is not None and isinstance(kwargs.value, ast.Dict):
        for key in kwargs.value.keys:
            if isinstance(key, ast.Constant) and key.value == "countdown":
                told = "under retry_backoff the delay is always the backoff"
                yield Problem(key, ("countdown in retry_kwargs", told))


def _unlimited(task: Task, context: Context) -> Iterator[Problem]:
    kwargs = task.own("retry_kwargs")
    if kwargs is None or not isinstance(kwargs.value, ast.Dict):
        return
    for key, value in zip(kwargs.value.keys, kwargs.value.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "max_retries":
            if context.every(value, kwargs.region, lambda value: value is None):
                told = (
                    "the task's own limit is used (3 by default); give max_retries=None beside it"
                )
                yield Problem(value, ("max_retries None in retry_kwargs", told))
