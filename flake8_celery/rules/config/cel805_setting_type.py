"""A setting with a value of a type or spelling that Celery can't use.

## What happens

- `"False"` for a flag is text that is not empty: true.
- `accept_content = "json"` is taken letter by letter: SerializerNotInstalled at start.
- Text that is no number: TypeError or ValueError when it is first used, or the default silently
  (`worker_concurrency = "many"`).
- A time zone that doesn't exist: beat and the worker raise when they first need the time.
- A malformed rate limit, on a task, in the settings or in `task_annotations`: the worker exits at start, for all tasks.
- A serializer that nothing registers: SerializerNotInstalled at the first `delay`.
- `autodiscover_tasks("shop")`: `No module named 's'`.
- A trailing comma makes a tuple: `task_acks_late = False,` is true, a time zone or a number in one
  raises as soon as it is used.
- `worker_max_memory_per_child` is in KiB: below 32,000 a process is above it from the start, and is
  replaced after every task.
- `rediss://` for results without `ssl_cert_reqs`: ValueError when the first result is stored or
  asked for.
- `amqp://` for results: ImproperlyConfigured, Celery 5 has no such backend; `rpc://` is its successor.
- Some numbers must not be text: `broker_pool_limit = "10"` makes the first `delay` raise. What
  `os.environ` holds is text, too.

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
    task_annotations={"shop.charge": {"rate_limit": "10/hour"}},
                                                    ^^^^^^^^^ CEL805
)
app.autodiscover_tasks("shop")
                       ^^^^^^ CEL805
mail = Celery("mail", broker="amqp://", backend="amqp://")
                                                ^^^^^^^^^ CEL805

@app.task(rate_limit="10 / m")
                     ^^^^^^^^ CEL805
def f(): ...
```
```python bad file=celeryconfig.py
import os

task_acks_late = False,
                 ^^^^^^ CEL805
worker_max_memory_per_child = 200
                              ^^^ CEL805
result_backend = "rediss://cache.shop.example:6379/1"
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL805
broker_pool_limit = "10"
                    ^^^^ CEL805
worker_max_tasks_per_child = os.environ.get("TASKS_PER_CHILD", 100)
                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL805
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
mail = Celery("mail", broker="amqp://", backend="rpc://")

@app.task(rate_limit="10/m")
def f(): ...
```
```python good file=celeryconfig.py
import os

task_acks_late = False
worker_max_memory_per_child = 200_000
result_backend = "rediss://cache.shop.example:6379/1?ssl_cert_reqs=CERT_REQUIRED"
broker_pool_limit = 10
worker_max_tasks_per_child = int(os.environ.get("TASKS_PER_CHILD", 100))
worker_concurrency = "4"
```

## Exceptions

Serializers are judged only where the file registers none. Numbers as text are let pass where Celery
makes numbers of them. `redis_backend_use_ssl` may hold `ssl_cert_reqs` as well. A limit of memory
that the environment gives is judged by its default.
"""

from __future__ import annotations

import ast
import difflib
import functools
import re
from collections.abc import Iterator
from typing import Any, Final

from flake8_celery.core.engine import Context, Environment, Problem, Unknown, rule
from flake8_celery.core.model import AppCall, Fact, LooseSetting, Setting, Task
from flake8_celery.core.project.trusted import trusted_path
from flake8_celery.tables.setting_values import SERIALIZERS
from flake8_celery.tables.settings import SETTINGS

_FALSE = frozenset({"false", "no", "off", "0", "none", "n", "f"})
_LISTS = frozenset({"accept_content", "result_accept_content"})
_SERIALIZED = frozenset({"task_serializer", "result_serializer", "event_serializer"})
#: A number or something else by their nature, whatever the table of defaults calls them.
_FREE = frozenset({"worker_concurrency", "worker_autoscaler", "broker_use_ssl"})
#: Where a tuple is no mistake: several URLs, or what a transport or library takes.
_TUPLES = frozenset(
    [
        *("broker_url", "broker_read_url", "broker_write_url", "cache_backend", "broker_use_ssl"),
        *("cassandra_auth_kwargs", "worker_autoscaler"),
    ]
)
_SCALARS: Final = {
    "bool": "a tuple is true, whatever is in it",
    "int": "a number is wanted, no tuple",
    "float": "a number is wanted, no tuple",
    "string": "text is wanted, no tuple",
}
_RATE = "the worker exits at start, write '10/s', '10/m' or '10/h'"
_LIMITS = "from 5.7 every send of a task with a limit of its own raises TypeError"
#: Numbers that Celery takes as they are, and what text does there.
_TEXT_BREAKS: Final = {
    "broker_pool_limit": "delay raises TypeError",
    "task_time_limit": _LIMITS,
    "task_soft_time_limit": _LIMITS,
    "task_protocol": "every delay raises KeyError",
    "worker_max_tasks_per_child": "the worker exits at start",
    "worker_max_memory_per_child": "each process of the pool dies after one task",
}
#: KiB: less than what a process that imports Celery takes before it runs a task.
_LEAST_MEMORY: Final = 32_000
_RAW: Final = frozenset({"os.environ.get", "os.getenv", "os.environ.setdefault"})


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


def _tuple(key: str, value: tuple[object, ...]) -> str | None:
    kind = "int" if key == "worker_concurrency" else SETTINGS.get(key, "any")
    wanted = _SCALARS.get(kind)
    if wanted is None or key in _TUPLES:
        return None
    return f"{wanted}{': take off the comma' if len(value) == 1 else ''}"


def _memory(value: object) -> str | None:
    if type(value) not in (int, float) or not 0 < value < _LEAST_MEMORY:  # type: ignore[operator]
        return None
    return "it is KiB: a process is replaced after every task, write 200_000 for 200 MB"


def _text(key: str, value: str, registers: bool) -> str | None:
    kind = SETTINGS.get(key, "any")
    if key == "task_default_rate_limit":
        return _RATE if _rate(value) else None
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
    if key == "worker_concurrency" and value.strip().lower() not in ("", "auto"):
        if not re.fullmatch(r"\s*[+-]?\d[\d_]*\s*", value):
            return "neither a number nor 'auto': the worker takes the number of CPUs instead"
    if key in _FREE:
        return None
    if kind == "bool" and value.strip().lower() in _FALSE:
        return "text that is not empty is true: write False"
    if kind in ("int", "float") and value.strip():
        try:
            float(value)
        except ValueError:
            return "a number is wanted"
        if key in _TEXT_BREAKS:
            return f"text, {_TEXT_BREAKS[key]}: write {value.strip()}"
    return None


def _judge(key: str, value: Any, registers: bool) -> str | None:
    """What is wrong with a value of a setting, or None."""
    if isinstance(value, tuple):
        return _tuple(key, value)
    if key == "worker_max_memory_per_child" and not isinstance(value, str):
        return _memory(value)
    return _text(key, value, registers) if isinstance(value, str) else None


@rule(
    "CEL805",
    "setting-type",
    pylint="E8744",
    on=(Setting, LooseSetting, AppCall, Task),
    words={Task: ("rate_limit",)},
    message="%s=%s: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        limit = fact.own("rate_limit")
        if limit is not None:
            values = context.every(limit.value, limit.region, _rate)
            if values:
                yield Problem(limit.value, ("rate_limit", repr(values[0]), _RATE))
        return
    if isinstance(fact, AppCall):
        packages = fact.arguments.get("packages", 0)
        if fact.method == "autodiscover_tasks" and packages is not None:
            values = context.every(
                packages, fact.region, lambda value: isinstance(value, str) and bool(value)
            )
            if values:
                told = f"it is taken letter by letter: write [{values[0]!r}]"
                yield Problem(packages, ("packages", repr(values[0]), told))
        return
    assert isinstance(fact, Setting)
    if fact.key == "task_annotations":
        yield from _annotations(fact, context)
    elif fact.how == "=":
        yield from _setting(fact, context)


def _annotations(fact: Setting, context: Context) -> Iterator[Problem]:
    """The rate limits of `task_annotations = {"shop.charge": {"rate_limit": "10/s"}}`."""
    tables = context.resolve.expressions(fact.value, fact.region)
    inner = [] if isinstance(tables, Unknown) else list(tables)
    if fact.how != "[]":
        inner = [
            (value, region)
            for table, region in inner
            if isinstance(table, ast.Dict)
            for value in table.values
        ]
    for options, region in inner:
        if not isinstance(options, ast.Dict):
            continue
        for key, value in zip(options.keys, options.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "rate_limit":
                values = context.every(value, region, _rate)
                if values:
                    yield Problem(value, ("rate_limit", repr(values[0]), _RATE), value)


def _setting(fact: Setting, context: Context) -> Iterator[Problem]:
    registers = context.module.says("register")
    found = context.resolve.values(fact.value, fact.region)
    if isinstance(found, Unknown):
        yield from _from_environment(fact, context)
        return
    told = [_judge(fact.key, value, registers) for value in found]
    if all(told):
        # a URL may hold a password
        shown = (
            "(...)" if isinstance(found[0], tuple) and "://" in str(found[0]) else repr(found[0])
        )
        yield Problem(fact.value, (fact.written, shown, told[0]))
    elif fact.key == "result_backend" and all(map(_is_amqp, found)):
        gone = "ImproperlyConfigured at the first result, that backend is gone: write rpc://"
        yield Problem(fact.value, (fact.written, "'amqp'", gone))
    elif fact.key == "result_backend" and all(map(_unverified, found)) and _no_ssl(fact, context):
        told_ = "ValueError at the first result: add ?ssl_cert_reqs=CERT_REQUIRED"
        yield Problem(fact.value, (fact.written, "'rediss://...'", told_))


def _from_environment(fact: Setting, context: Context) -> Iterator[Problem]:
    """What the environment gives is text where nothing makes a number of it; else its default."""
    value = fact.value
    name = value.func if isinstance(value, ast.Call) else getattr(value, "value", None)
    raw = isinstance(value, (ast.Call, ast.Subscript)) and isinstance(
        name, (ast.Name, ast.Attribute)
    )
    target = context.resolve.qualname(name, fact.region) if raw and name is not None else None
    if target in _RAW or (target == "os.environ" and isinstance(value, ast.Subscript)):
        if fact.key in _TEXT_BREAKS:
            told = f"text where the variable is set, {_TEXT_BREAKS[fact.key]}: use int()"
            yield Problem(value, (fact.written, f"{target}...", told))
            return
        default = _defaults(value, fact, context)
        if (
            SETTINGS.get(fact.key) == "bool"
            and default
            and all(isinstance(each, str) and each.strip().lower() in _FALSE for each in default)
        ):
            told = "text that is not empty is true: compare it with what means yes"
            yield Problem(value, (fact.written, repr(default[0]), told))
    elif fact.key == "worker_max_memory_per_child":
        default = _defaults(value, fact, context)
        told_ = [_memory(each) for each in default]
        if told_ and all(told_):
            yield Problem(value, (fact.written, f"{default[0]} by default", told_[0]))


def _defaults(node: ast.expr, fact: Setting, context: Context) -> tuple[object, ...]:
    """What a setting is where the environment says nothing; empty where that can't be told."""
    whole = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1
    if whole and isinstance(node, ast.Call) and node.func.id in ("int", "float"):  # type: ignore[attr-defined]
        node = node.args[0]
    found = context.resolve.values(node, fact.region)
    if isinstance(found, Environment) and not isinstance(found.default, Unknown):
        return found.default
    return ()


def _is_amqp(value: object) -> bool:
    return isinstance(value, str) and value.partition(":")[0] in ("amqp", "amqps", "pyamqp")


def _unverified(value: object) -> bool:
    return isinstance(value, str) and value.startswith("rediss://") and "ssl_cert_reqs" not in value


def _no_ssl(fact: Setting, context: Context) -> bool:
    """Whether nothing else says how the certificate of Redis is checked."""
    text = context.module.text.lower()
    if "redis_backend_use_ssl" in text or "ssl_cert_reqs" in text:
        return False
    configuration = context.configuration()
    if not configuration.found:
        return True
    return configuration.absent("redis_backend_use_ssl")
