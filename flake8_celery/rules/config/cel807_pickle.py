"""Pickle as a serializer: whoever reaches the broker runs code on the workers.

## What happens

Unpickling a message calls whatever the message names. A broker that is open to one more host, or
one leaked password, is then enough to run any code as the worker's user.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.accept_content = ["json", "pickle"]
                                   ^^^^^^^^ CEL807
app.conf.task_serializer = "pickle"

@app.task(serializer="pickle")
                     ^^^^^^^^ CEL807
def f(data): ...
```
```python bad
from kombu import enable_insecure_serializers

enable_insecure_serializers()
^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL807
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.accept_content = ["json"]

@app.task(serializer="json")
def f(data): ...
```

The settings of a module are told once, at the first. kombu's JSON takes dates, decimals and UUIDs; register a type of your own with
`kombu.utils.json.register_type`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import (
    Dispatch,
    Fact,
    InsecureSerializers,
    LooseSetting,
    Setting,
    Task,
)

_PICKLE = frozenset({"pickle", "application/x-python-serialize"})
_SERIALIZERS = frozenset({"task_serializer", "result_serializer", "event_serializer"})
_CONTENT = frozenset({"accept_content", "result_accept_content"})


def _is_pickle(value: object) -> bool:
    return isinstance(value, str) and value in _PICKLE


@rule(
    "CEL807",
    "pickle",
    pylint="W8746",
    on=(Setting, LooseSetting, Task, Dispatch, InsecureSerializers),
    words={Task: ("serializer",), Dispatch: ("serializer",)},
    message="%s: whoever can send a message runs code on the workers; use json",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, InsecureSerializers):
        given = fact.arguments.get("choices", 0)
        if given is None or "pickle" in ast.unparse(given):
            yield Problem(called_name(fact.node), ("pickle is switched on",))
    elif isinstance(fact, Task):
        own = fact.own("serializer")
        if own is not None:
            yield from _serializer(own.value, own.region, "serializer", context)
    elif isinstance(fact, Dispatch):
        keyword = fact.options.get("serializer")
        if keyword is not None:
            yield from _serializer(keyword.value, fact.region, "serializer", context)
    elif isinstance(fact, Setting):
        yield from _first(fact, context)


def _first(fact: Setting, context: Context) -> Iterator[Problem]:
    """One problem for all settings of a module, at the first of them, with all names."""
    if not list(_setting(fact, context)):
        return
    settings = (*context.model.of(Setting), *context.model.of(LooseSetting))
    told = [(one, list(_setting(one, context))) for one in settings]
    told = sorted((one for one in told if one[1]), key=lambda one: one[0].statement.lineno)
    if told[0][0] is fact:
        problem = told[0][1][0]
        more = [one.written for one, _ in told[1:]]
        also = f" (also: {', '.join(more)})" if more else ""
        yield problem._replace(arguments=(f"{problem.arguments[0]}{also}",))


def _setting(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.how == "=" and fact.key in _SERIALIZERS:
        yield from _serializer(fact.value, fact.region, fact.written, context)
    elif fact.how == "=" and fact.key in _CONTENT:
        yield from _content(fact, context)


def _serializer(node: ast.expr, region: Region, name: str, context: Context) -> Iterator[Problem]:
    if context.every(node, region, _is_pickle):
        yield Problem(node, (f"{name} is pickle",))


def _content(fact: Setting, context: Context) -> Iterator[Problem]:
    found = context.resolve.expression(fact.value, fact.region)
    if found is None:
        return
    value, region = found
    told = (f"{fact.written} takes pickle",)
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        same = value is fact.value
        for element in value.elts:
            if not isinstance(element, ast.Starred) and context.every(element, region, _is_pickle):
                yield Problem(element if same else fact.value, told)
    elif context.every(
        value,
        region,
        lambda items: isinstance(items, (list, tuple, set)) and bool(_PICKLE & {*items}),
    ):
        yield Problem(fact.value, told)
