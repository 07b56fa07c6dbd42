"""`signature.link(callback).delay()` sends the callback alone.

## What happens

`link` and `link_error` return the callback, not the signature that they were called on: what is sent
is the callback, and the task itself never runs. The same goes for `.link(...)` as a step of a canvas.

```python bad
from celery import group, shared_task

@shared_task
def load(pk): ...

@shared_task
def tell(pk): ...

def run(pk):
    load.s(pk).link(tell.si(pk)).delay()
               ^^^^ CEL608
    signature = load.s(pk).link_error(tell.si(pk))
                           ^^^^^^^^^^ CEL608
    signature.apply_async()
    group([load.s(pk).link(tell.si(pk)), load.s(pk)]).delay()
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
    signature = load.s(pk)
    signature.link(tell.si(pk))
    signature.delay()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Canvas, Dispatch, Pipe


@rule(
    "CEL608",
    "link-returns-callback",
    pylint="E8657",
    on=(Dispatch, Canvas, Pipe),
    message="%s() returns the callback, so only the callback is sent: %s",
)
def check(fact: Dispatch | Canvas | Pipe, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Dispatch):
        if fact.on == "signature" and fact.method in ("delay", "apply_async", "__call__"):
            yield from _judge(fact.receiver, fact.region, context)
    elif isinstance(fact, Pipe):
        for side in (fact.node.left, fact.node.right):
            yield from _judge(side, fact.region, context)
    else:
        for element, region in fact.elements():
            yield from _judge(element, region, context)


def _judge(node: ast.expr, region: Region, context: Context) -> Iterator[Problem]:
    found = context.resolve.expression(node, region)
    if found is None:
        return
    call, scope = found
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        attr = call.func.attr
        if attr in ("link", "link_error") and context.only(call.func.value, scope, {"signature"}):
            hint = "use apply_async(link=...)" if attr == "link" else "use on_error(...)"
            yield Problem(called_name(call), (attr, hint), call)
