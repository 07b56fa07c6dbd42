"""`await` of a task that was sent: the result of `delay` is no awaitable.

## What happens

`delay`, `apply_async` and the like return at once, with an `AsyncResult`: there is nothing to wait for.
The message is sent, and then `await` raises TypeError; who retries the request sends it again.

```python bad
import asyncio

from celery import shared_task

@shared_task
def price(item): ...

async def quote(item):
    result = await price.delay(item)
                         ^^^^^ CEL613
    return {"id": result.id}

async def quotes(items):
    return await asyncio.gather(*[price.delay(item) for item in items])
                                        ^^^^^ CEL613
```

## Use instead

```python good
import asyncio

from celery import shared_task

@shared_task
def price(item): ...

async def quote(item):
    result = price.delay(item)
    return {"id": result.id}

async def wait_for_quote(item):
    result = await asyncio.to_thread(price.delay, item)
    return await asyncio.to_thread(result.get, timeout=5)
```

## Exceptions

Tasks whose class is seen to define `delay` or `apply_async` itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, called_name, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.syntax.flow import walk

_SENT = frozenset(
    [
        *("delay", "apply_async", "apply", "send_task", "__call__"),
        *("delay_on_commit", "apply_async_on_commit"),
    ]
)
#: Methods of a result; what they return can't be awaited either.
_READ = frozenset({"get", "wait", "join", "join_native", "ready", "successful", "failed", "forget"})
#: What takes awaitables, and the first of its arguments that is one.
_TAKES = frozenset(
    f"asyncio.{name}"
    for name in ("gather", "wait_for", "create_task", "ensure_future", "shield", "run")
)


@rule(
    "CEL613",
    "not-awaitable",
    pylint="E8663",
    on=Dispatch,
    words=("async", "await"),
    message="%s sends and returns at once, await raises TypeError after that: take the await away",
    raises=("TypeError",),
    body=True,
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.method not in _SENT or fact.call is None:
        return
    place = _awaited(fact, context)
    if place is None or not _returns_result(fact):
        return
    shown = "a canvas that is called" if fact.method == "__call__" else f"{fact.method}()"
    yield Problem(place, (shown,))


def _returns_result(fact: Dispatch) -> bool:
    if fact.on in ("signature", "app"):
        return True
    task = fact.resolved_task()
    if task is None:
        return False
    given = task.base.methods.keys() | task.base.attributes.keys()
    own = task.own(fact.method) is not None or task.own("apply_async") is not None
    return not own and given.isdisjoint({fact.method, "delay", "apply_async"})


def _awaited(fact: Dispatch, context: Context) -> Span | ast.AST | None:
    """Where the result is awaited: the dispatch, or the name that it was given; else None."""
    call, statement = fact.call, fact.statement
    assert call is not None
    node: ast.AST = call
    outer = context.module.parent(node, statement)
    if isinstance(outer, ast.Attribute) and outer.attr in _READ:
        # await task.delay(1).get()
        method = context.module.parent(outer, statement)
        if isinstance(method, ast.Call) and method.func is outer:
            node, outer = method, context.module.parent(method, statement)
    if (isinstance(outer, (ast.ListComp, ast.GeneratorExp)) and outer.elt is node) or isinstance(
        outer, (ast.List, ast.Tuple)
    ):
        node, outer = outer, context.module.parent(outer, statement)
    if isinstance(outer, ast.Starred):
        node, outer = outer, context.module.parent(outer, statement)
    if isinstance(outer, ast.Await):
        return called_name(call)
    if isinstance(outer, ast.Call) and node in outer.args:
        takes = context.resolve.qualname(outer.func, fact.region) in _TAKES
        return called_name(call) if takes else None
    return _by_name(node, fact, context)


def _by_name(node: ast.AST, fact: Dispatch, context: Context) -> ast.AST | None:
    """`result = price.delay(1)`, and `await result` in the same function."""
    statement = fact.statement
    if not isinstance(statement, ast.Assign) or statement.value is not node:
        return None
    target = statement.targets[0]
    function = fact.region.function
    if not isinstance(target, ast.Name) or function is None:
        return None
    bindings = fact.region.lookup(target.id)
    if not bindings or len(bindings) != 1:
        return None
    for inner in walk(getattr(function.node, "body", ())):
        given: list[ast.expr] = []
        if isinstance(inner, ast.Await):
            given = [inner.value]
        elif isinstance(inner, ast.Call) and (
            context.resolve.qualname(inner.func, fact.region) in _TAKES
        ):
            given = [arg.value if isinstance(arg, ast.Starred) else arg for arg in inner.args]
        for each in given:
            if isinstance(each, ast.Name) and each.id == target.id:
                return each
    return None
