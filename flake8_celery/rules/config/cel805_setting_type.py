"""A setting with a value of a type or spelling that Celery can't use.

## What happens

- `"False"` for a flag is text that is not empty: true.
- `accept_content = "json"` is taken letter by letter: SerializerNotInstalled at start.
- Text that is no number: TypeError or ValueError when it is first used, or the default silently.
- A time zone that doesn't exist: beat and the worker raise when they first need the time.
- A malformed rate limit, on a task or in the settings: the worker exits at start, for all tasks.
- A serializer that nothing registers: SerializerNotInstalled at the first `delay`.
- `autodiscover_tasks("shop")`: `No module named 's'`.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.update(
    task_acks_late="False",
                   ^^^^^^^ CEL805
    accept_content="json",
                   ^^^^^^ CEL805
    task_time_limit="ten",
                    ^^^^^ CEL805
    timezone="Europe/Berln",
             ^^^^^^^^^^^^^^ CEL805
    task_default_rate_limit="10/min",
                            ^^^^^^^^ CEL805
    task_serializer="jsn",
                    ^^^^^ CEL805
)
app.autodiscover_tasks("shop")
                       ^^^^^^ CEL805

@app.task(rate_limit="10 / m")
                     ^^^^^^^^ CEL805
def f(): ...
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.update(
    task_acks_late=False,
    accept_content=["json"],
    task_time_limit=10,
    timezone="Europe/Berlin",
    task_default_rate_limit="10/m",
    task_serializer="json",
)
app.autodiscover_tasks(["shop"])

@app.task(rate_limit="10/m")
def f(): ...
```

## Exceptions

Serializers are judged only where the file registers none. Numbers as text are let pass.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator
from typing import Any

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import AppCall, Fact, Setting, Task
from flake8_celery.core.trusted import trusted_path
from flake8_celery.facts.setting_values import SERIALIZERS
from flake8_celery.facts.settings import SETTINGS

_FALSE = frozenset({"false", "no", "off", "0", "none", "n", "f"})
_LISTS = frozenset({"accept_content", "result_accept_content"})
_SERIALIZED = frozenset({"task_serializer", "result_serializer", "event_serializer"})
#: A number or something else by their nature, whatever the table of defaults calls them.
_FREE = frozenset({"worker_concurrency", "worker_autoscaler", "broker_use_ssl"})


@functools.cache
def _zones() -> frozenset[str]:
    import zoneinfo

    with trusted_path():  # it imports tzdata where that is installed
        return frozenset(zoneinfo.available_timezones())


def _rate(value: object) -> bool:
    """Whether `celery.utils.time.rate` raises on it."""
    if not isinstance(value, str) or not value:
        return False
    number, _, unit = value.partition("/")
    try:
        float(number)
    except ValueError:
        return True
    return (unit or "s") not in ("s", "m", "h")


def _judge(key: str, value: Any, registers: bool) -> str | None:
    kind = SETTINGS.get(key, "any")
    if not isinstance(value, str):
        return None
    if key == "task_default_rate_limit":
        return "the worker exits at start, write '10/s', '10/m' or '10/h'" if _rate(value) else None
    if key in _LISTS:
        return "it is taken letter by letter: write a list"
    if key == "timezone":
        if len(_zones()) < 300 or value in _zones() or not value:
            return None
        near = difflib.get_close_matches(value, _zones(), 1, 0.8)
        same = [zone for zone in _zones() if zone.lower() == value.lower()]
        meant = same or near
        return f"no such time zone{f', did you mean {meant[0]!r}?' if meant else ''}"
    if key in _SERIALIZED:
        if registers or value in SERIALIZERS or "." in value:
            return None
        return "no such serializer: SerializerNotInstalled when sending"
    if key in _FREE:
        return None
    if kind == "bool" and value.strip().lower() in _FALSE:
        return "text that is not empty is true: write False"
    if kind in ("int", "float") and value.strip():
        try:
            float(value)
        except ValueError:
            return "a number is wanted"
    return None


@rule(
    "CEL805",
    "setting-type",
    pylint="E8744",
    on=(Setting, AppCall, Task),
    message="%s=%r: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        limit = fact.own("rate_limit")
        if limit is not None:
            values = context.every(limit.value, limit.region, _rate)
            if values:
                told = "the worker exits at start, write '10/s', '10/m' or '10/h'"
                yield Problem(limit.value, ("rate_limit", values[0], told))
        return
    if isinstance(fact, AppCall):
        packages = fact.arguments.get("packages", 0)
        if fact.method == "autodiscover_tasks" and packages is not None:
            values = context.every(
                packages, fact.region, lambda value: isinstance(value, str) and bool(value)
            )
            if values:
                told = f"it is taken letter by letter: write [{values[0]!r}]"
                yield Problem(packages, ("packages", values[0], told))
        return
    assert isinstance(fact, Setting)
    if fact.how != "=":
        return
    registers = context.module.says("register")
    values = context.every(
        fact.value,
        fact.region,
        lambda value: _judge(fact.key, value, registers) is not None,
    )
    if values:
        yield Problem(fact.value, (fact.written, values[0], _judge(fact.key, values[0], registers)))
