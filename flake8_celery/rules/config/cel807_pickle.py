"""Pickle as a serializer: whoever reaches the broker runs code on the workers.

## What happens

Unpickling a message calls whatever the message names. A broker that is open to one more host, or
one leaked password, is then enough to run any code as the worker's user.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.accept_content = ["json", "pickle"]
                                   ^^^^^^^^ CEL807

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

kombu's JSON takes dates, decimals and UUIDs; register a type of your own with
`kombu.utils.json.register_type`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import (
    Dispatch,
    Fact,
    InsecureSerializers,
    LooseSetting,
    Setting,
    Task,
)
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import Unknown

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
    elif isinstance(fact, Setting) and fact.how == "=":
        if fact.key in _SERIALIZERS:
            yield from _serializer(fact.value, fact.region, fact.written, context)
        elif fact.key in _CONTENT:
            yield from _content(fact, context)


def _serializer(node: ast.expr, region: Region, name: str, context: Context) -> Iterator[Problem]:
    if context.every(node, region, _is_pickle):
        yield Problem(node, (f"{name} is pickle",))


def _content(fact: Setting, context: Context) -> Iterator[Problem]:
    found = context.resolve.expressions(fact.value, fact.region)
    if isinstance(found, Unknown) or len(found) != 1:
        return
    value, region = found[0]
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
