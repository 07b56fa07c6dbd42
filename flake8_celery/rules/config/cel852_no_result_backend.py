"""A result is read where no result backend is set.

## What happens

Without a backend every result is thrown away: `get()` raises NotImplementedError.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")

@app.task
def add(x, y): ...

def total():
    return add.delay(1, 2).get(timeout=10)
                           ^^^ CEL852
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost", backend="redis://localhost")

@app.task
def add(x, y): ...

def total():
    return add.delay(1, 2).get(timeout=10)
```

## When to switch it on

Where the backend stands in the settings, and not in the environment. In 25 real projects it tells
nothing.

## Exceptions

Settings that can't all be read. `CELERY_RESULT_BACKEND` in the environment isn't seen; name the
backend with `celery-backend` then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Dispatch

_READING = frozenset({"get", "wait", "join", "collect", "ready", "successful", "failed"})
_SENT = frozenset({"delay", "apply_async", "send_task"})


@rule(
    "CEL852",
    "no-result-backend",
    pylint="R8752",
    on=Dispatch,
    default=False,
    message="no result backend is set: %s raises NotImplementedError",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is None or fact.method not in _SENT:
        return
    attribute = context.module.parent(fact.call, fact.statement)
    if not isinstance(attribute, ast.Attribute) or attribute.attr not in _READING:
        return
    call = context.module.parent(attribute, fact.statement)
    if not isinstance(call, ast.Call) or call.func is not attribute:
        return
    configuration = context.configuration()
    backend = configuration.backend
    if backend is not None:
        off = backend.known and backend.name == "disabled"
    else:
        off = configuration.found and configuration.absent("result_backend")
    if off:
        yield Problem(called_name(call), (attribute.attr,))
