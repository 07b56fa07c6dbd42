"""`signature.link(callback).delay()` sends the callback alone.

## What happens

`link` and `link_error` return the callback, not the signature that they were called on: what is sent
is the callback, and the task itself never runs.

```python bad
from celery import shared_task

@shared_task
def load(pk): ...

@shared_task
def tell(pk): ...

def run(pk):
    load.s(pk).link(tell.si(pk)).delay()
               ^^^^ CEL608
```

## Use instead

```python good
from celery import shared_task

@shared_task
def load(pk): ...

@shared_task
def tell(pk): ...

def run(pk):
    load.apply_async((pk,), link=tell.si(pk))
    load.s(pk).on_error(tell.si(pk)).delay()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Dispatch


@rule(
    "CEL608",
    "link-returns-callback",
    pylint="E8657",
    on=Dispatch,
    message="%s() returns the callback, so only the callback is sent: %s",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    receiver = fact.receiver
    if fact.on != "signature" or fact.method not in ("delay", "apply_async"):
        return
    if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        attr = receiver.func.attr
        if attr in ("link", "link_error"):
            hint = "use apply_async(link=...)" if attr == "link" else "use on_error(...)"
            yield Problem(called_name(receiver), (attr, hint))
