"""Two settings that can't hold together.

## What happens

- `task_serializer` that `accept_content` does not take: every worker discards every message, and
  the tasks stay PENDING for ever. Both have a default, `json`.
- `event_queue_durable=True` or `control_queue_durable=True` without the exclusive flag of the same
  queue set to False: `ImproperlyConfigured`, because exclusive is the default.
- A pattern as key of `task_annotations`: only exact names and `"*"` count, so it never matches.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_serializer = "msgpack"
                           ^^^^^^^^^ CEL806
app.conf.event_queue_durable = True
                               ^^^^ CEL806
app.conf.task_annotations = {"shop.mail.*": {"rate_limit": "10/s"}}
                             ^^^^^^^^^^^^^ CEL806
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.task_serializer = "msgpack"
app.conf.accept_content = ["json", "msgpack"]
app.conf.event_queue_durable = True
app.conf.event_queue_exclusive = False
app.conf.task_annotations = {"shop.mail.send": {"rate_limit": "10/s"}}
```

## Exceptions

Settings of which one can't be read. The finding stands at the setting that is given; where both
are, at the serializer. Durable and exclusive queues before Celery 5.7 (`celery-target-version`), which
doesn't look.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Setting
from flake8_celery.core.settings.configuration import Configuration, Known
from flake8_celery.core.settings.read import namespace_of
from flake8_celery.tables.setting_values import CONTENT_TYPES

_DURABLE = {
    "event_queue_durable": "event_queue_exclusive",
    "control_queue_durable": "control_queue_exclusive",
}
_BY_TYPE = {content: name for name, content in CONTENT_TYPES.items()}


@rule(
    "CEL806",
    "contradictory-settings",
    pylint="E8745",
    on=Setting,
    message="%s: %s",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key == "task_annotations":
        yield from _annotations(fact, context)
    elif fact.how == "=" and fact.key in ("task_serializer", "accept_content", *_DURABLE):
        configuration = context.configuration()
        if isinstance(namespace_of(fact, context.model), Unknown) or not _counts(
            fact, configuration
        ):
            return
        if fact.key in _DURABLE:
            yield from _durable(fact, configuration, context)
        else:
            yield from _content(fact, configuration)


def _counts(fact: Setting, configuration: Configuration) -> bool:
    """Whether this very value is the one that holds."""
    known = configuration.setting(fact.key)
    return isinstance(known, Known) and any(p.value is fact.value for p in known.places)


def _durable(fact: Setting, configuration: Configuration, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if version is not None and version < (5, 7):
        return
    other = _DURABLE[fact.key]
    if not configuration.is_on(fact.key):
        return
    if configuration.absent(other) or configuration.is_on(other):
        told = f"a queue can't be durable and exclusive (the default): set {other}=False"
        yield Problem(fact.value, (fact.written, told))


def _content(fact: Setting, configuration: Configuration) -> Iterator[Problem]:
    serializers: tuple[object, ...] | Unknown = ("json",)
    accepted: tuple[object, ...] | Unknown = (["json"],)
    if not configuration.absent("task_serializer"):
        serializers = configuration.values("task_serializer")
        if fact.key == "accept_content" and configuration.setting("task_serializer"):
            return  # it is said at the serializer
    if not configuration.absent("accept_content"):
        accepted = configuration.values("accept_content")
    if isinstance(serializers, Unknown) or isinstance(accepted, Unknown):
        return
    names: set[object] = set()
    for content in accepted:
        if not isinstance(content, (list, tuple, set, frozenset)) or not content:
            return
        names |= {_BY_TYPE.get(item, item) if isinstance(item, str) else item for item in content}
    if any(_BY_TYPE.get(str(serializer), serializer) in names for serializer in serializers):
        return
    if not all(_BY_TYPE.get(str(s), s) in CONTENT_TYPES for s in serializers):
        return
    sent = serializers[0]
    told = f"workers discard what is sent as {sent}, accept_content has only {_listed(names)}"
    yield Problem(fact.value, (fact.written, told))


def _listed(names: set[object]) -> str:
    return ", ".join(sorted(str(name) for name in names))


def _annotations(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.how == "[]":
        keys: list[ast.expr | None] = [fact.item]
    else:
        found = context.resolve.expressions(fact.value, fact.region)
        if isinstance(found, Unknown):
            return
        keys = [key for table, _ in found if isinstance(table, ast.Dict) for key in table.keys]
    for key in keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            if "*" in key.value and key.value != "*":
                told = f"{key.value!r} matches nothing: only a task's whole name or '*' does"
                yield Problem(key, (fact.written, told))
