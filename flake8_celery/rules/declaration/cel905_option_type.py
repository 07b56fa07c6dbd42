"""A task option with a value that Celery can't use or takes for its opposite.

## What happens

- `backend="redis://..."`: the option wants a Backend object; reading a result raises AttributeError.
- `pydantic=1`: only `True` itself switches it on.
- `acks_late="False"`: a text that is not empty is true.
- `max_retries="3"`: TypeError when the task retries. `retry_backoff=None`: the worker exits.
- `default_retry_delay=timedelta(minutes=5)`, or text: `retry()` can't make a message of it: the task
  isn't retried and fails, with Reject and not with what went wrong.
- `serializer="jsn"`: SerializerNotInstalled when sending; `compression="gz"`: KeyError.

```python bad
from celery import shared_task

@shared_task(acks_late="False", max_retries="3")
                       ^^^^^^^ CEL905
                                            ^^^ CEL905
def fetch(): ...

@shared_task(serializer="jsn", backend="redis://")
                        ^^^^^ CEL905
                                       ^^^^^^^^^^ CEL905
def push(): ...
```
```python bad
from datetime import timedelta

from celery import shared_task

@shared_task(bind=True, default_retry_delay=timedelta(minutes=5))
                                            ^^^^^^^^^^^^^^^^^^^^ CEL905
def pull(self):
    self.retry()
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True, default_retry_delay=300)
def pull(self):
    self.retry()

@shared_task(acks_late=False, max_retries=3, serializer="json", compression="gzip")
def fetch(): ...
```

## Exceptions

Serializers and compressions are reported only near a built-in name, and not where the module
registers its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task
from flake8_celery.tables.confusions import near_miss

BOOLEANS = frozenset(
    [
        "bind",
        "acks_late",
        "acks_on_failure_or_timeout",
        "acks_on_failure",
        "acks_on_timeout",
        "reject_on_worker_lost",
        "retry_on_worker_lost",
        "ignore_result",
        "store_errors_even_if_ignored",
        "store_eager_result",
        "track_started",
        "trail",
        "send_events",
        "typing",
        "shared",
        "lazy",
        "retry_jitter",
        "pydantic_strict",
    ]
)
SERIALIZERS = ("json", "pickle", "yaml", "msgpack", "auth")
COMPRESSIONS = ("gzip", "zlib", "bzip2", "lzma", "zstd", "brotli")
_CLOSE = {"gz": "gzip", "bz2": "bzip2", "jsn": "json", "yml": "yaml", "xz": "lzma", "zst": "zstd"}
#: What `_judge` knows; the values of other options are not looked for.
JUDGED = BOOLEANS | {
    *("pydantic", "backend", "max_retries", "retry_backoff", "retry_backoff_max"),
    *("time_limit", "soft_time_limit", "serializer", "compression", "default_retry_delay"),
}
_FALSE = frozenset({"false", "no", "off", "0", "none", "n", "f"})


def _number_text(value: object, kind: Callable[[str], object]) -> bool:
    if not isinstance(value, str):
        return False
    try:
        kind(value)
    except ValueError:
        return True
    return False


def _judge(name: str, value: Any, custom: bool) -> str | None:
    if name in BOOLEANS:
        if isinstance(value, str) and value.strip().lower() in _FALSE:
            return "a text that is not empty is true: write False"
    elif name == "pydantic":
        if value and value is not True:
            return "only True itself switches it on"
    elif name == "backend":
        if isinstance(value, str):
            return "a Backend object is wanted, reading a result raises AttributeError: set result_backend"
    elif name == "default_retry_delay":
        if isinstance(value, (datetime.timedelta, str)):
            return "retry() needs seconds: the task fails with Reject(TypeError) instead of being retried"
    elif name == "max_retries":
        if isinstance(value, str):
            return "text is no number, retrying raises TypeError"
    elif name in ("retry_backoff", "retry_backoff_max"):
        kind = float if name == "retry_backoff" else int
        if value is None or _number_text(value, kind):
            return "it must be a number, the worker exits at start with TypeError or ValueError"
    elif name in ("time_limit", "soft_time_limit"):
        if _number_text(value, float):
            return "seconds are wanted, as a number"
    elif isinstance(value, str) and not custom and value not in (*SERIALIZERS, *COMPRESSIONS):
        if name == "serializer":
            meant = _CLOSE.get(value.lower()) or near_miss(value.lower(), SERIALIZERS)
            if meant or value.lower() in SERIALIZERS:
                return (
                    f"SerializerNotInstalled when sending, did you mean {meant or value.lower()!r}?"
                )
        elif name == "compression":
            meant = _CLOSE.get(value.lower()) or near_miss(value.lower(), COMPRESSIONS)
            if meant:
                return f"KeyError when sending, did you mean {meant!r}?"
    return None


@rule(
    "CEL905",
    "option-type",
    pylint="E8724",
    on=Task,
    message="%s=%s: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style == "class":
        return
    custom = context.module.says("register")
    for name, keyword in task.arguments.keywords.items():
        if name not in JUDGED:
            continue
        if name in ("retry_backoff", "retry_backoff_max") and not task.own("autoretry_for"):
            continue
        values = context.every(
            keyword.value,
            task.options_region,
            lambda value, name=name: _judge(name, value, custom) is not None,  # type: ignore[misc]
        )
        if values:
            delta = isinstance(values[0], datetime.timedelta)
            shown = f"timedelta of {values[0]}" if delta else repr(values[0])
            yield Problem(keyword.value, (name, shown, _judge(name, values[0], custom)))
