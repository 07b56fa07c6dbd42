"""An `on_commit` callback made in a loop uses the loop's variable.

## What happens

The callbacks run after the commit, when the loop is over. Each looks the variable up then and finds
the last object: the last one is sent as often as the loop ran, the others never.

```python bad
from celery import shared_task
from django.db import transaction

@shared_task
def notify(pk): ...

@transaction.atomic
def close(orders):
    for order in orders:
        order.close()
        transaction.on_commit(lambda: notify.delay(order.pk))
                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL203
```

## Use instead

Bind the value now, with `partial`, a default argument, or `delay_on_commit`.

```python good
from functools import partial
from celery import shared_task
from django.db import transaction

@shared_task
def notify(pk): ...

@transaction.atomic
def close(orders):
    for order in orders:
        order.close()
        transaction.on_commit(partial(notify.delay, order.pk))
        transaction.on_commit(lambda pk=order.pk: notify.delay(pk))
```

## Exceptions

A transaction that begins and ends inside the loop, and a loop that is left right after.

```python good
from celery import shared_task
from django.db import transaction

@shared_task
def notify(pk): ...

def close(orders):
    for order in orders:
        with transaction.atomic():
            order.close()
            transaction.on_commit(lambda: notify.delay(order.pk))
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, dotted, rule
from flake8_celery.core.model import OnCommit
from flake8_celery.core.syntax.flow import always_exits, walk
from flake8_celery.core.syntax.regions import (
    CLASS,
    FUNCTION,
    LAMBDA,
    LOOP,
    MODULE,
    WITH,
    parameters_of,
)


@rule(
    "CEL203",
    "on-commit-late-binding",
    pylint="E8513",
    on=OnCommit,
    message="the callback runs after the loop and then finds the last %s%s: bind it now, "
    "partial(...) or lambda %s=%s: ...",
)
def check(fact: OnCommit, context: Context) -> Iterator[Problem]:
    callback = fact.arguments.get("func", 0)
    loop = _loop_around(fact.region)
    if callback is None or loop is None or _left_after(fact, loop):
        return
    function = _function(callback, fact, context)
    if function is None:
        return
    changing = _assigned(loop)
    for name in _free_names(function):
        if name in changing:
            where = "" if _in_atomic(loop, context) else ", if a caller has a transaction open"
            yield Problem(callback, (name, where, name, name))
            return


def _loop_around(region: Region) -> Region | None:
    """The loop that the callback is made in, unless a transaction begins inside that loop."""
    for around in region:
        if around.kind is LOOP:
            return around
        if around.kind in (FUNCTION, LAMBDA, CLASS, MODULE):
            return None
        if around.kind is WITH and _opens_transaction(around.node):
            return None
    return None


def _opens_transaction(node: ast.AST) -> bool:
    if not isinstance(node, (ast.With, ast.AsyncWith)):
        return False
    for item in node.items:
        called = item.context_expr
        name = dotted(called.func if isinstance(called, ast.Call) else called) or ""
        if name.rpartition(".")[2] in ("atomic", "captureOnCommitCallbacks"):
            return True
    return False


def _in_atomic(loop: Region, context: Context) -> bool:
    for around in loop:
        if around.kind is WITH and _opens_transaction(around.node):
            return True
        if around.kind is FUNCTION and isinstance(around.node, FunctionNode):
            for decorator in around.node.decorator_list:
                func = decorator.func if isinstance(decorator, ast.Call) else decorator
                name = context.resolve.qualname(func, around.parent or around) or ""
                if name.endswith(".atomic"):
                    return True
            return False
    return False


def _left_after(fact: OnCommit, loop: Region) -> bool:
    """Whether every way on from the callback leaves the loop, so that it is made once."""
    for region in fact.region:
        body = getattr(region.node, "body", None)
        if isinstance(body, list):
            for index, statement in enumerate(body):
                start, end = statement.lineno, statement.end_lineno or statement.lineno
                if start <= fact.statement.lineno <= end:
                    if always_exits(body[index + 1 :]):
                        last = [s for s in body[index + 1 :] if isinstance(s, ast.Continue)]
                        return not last
        if region is loop:
            return False
    return False


def _function(
    callback: ast.expr, fact: OnCommit, context: Context
) -> ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | None:
    if isinstance(callback, ast.Lambda):
        return callback
    if isinstance(callback, ast.Name):
        found = context.resolve.definition(callback, fact.region)
        if found is not None and isinstance(found[0], FunctionNode):
            inside = any(
                region.kind is FUNCTION and region.node is found[1].node for region in fact.region
            )
            return found[0] if inside else None
    return None


def _assigned(loop: Region) -> set[str]:
    names: set[str] = set()
    node = loop.node
    roots: list[ast.AST] = list(getattr(node, "body", ()))
    if isinstance(node, (ast.For, ast.AsyncFor)):
        roots.append(node.target)
    for inner in walk(roots):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
    return names


def _free_names(function: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    own = {parameter.arg for parameter in parameters_of(function.args)}
    body = function.body if isinstance(function.body, list) else [function.body]
    loaded: list[str] = []
    for node in walk(body, nested=True):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                own.add(node.id)
            else:
                loaded.append(node.id)
    return [name for name in loaded if name not in own]
