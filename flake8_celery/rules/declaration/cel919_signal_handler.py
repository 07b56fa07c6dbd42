"""A signal handler that Celery refuses, forgets, or never calls.

## What happens

- A handler without `**kwargs`: ValueError at `connect`.
- `connect` keeps a weak reference: a lambda, or a function made inside another and not kept, is
  garbage at once and never called.
- Task signals such as `task_success` are sent by the task *object*, publish signals such as
  `after_task_publish` by the task's *name*. With the other kind as `sender` the handler is never
  called.
- An `async def`: calling it makes a coroutine that nobody awaits, its body never runs.

```python bad
from celery.signals import task_success, worker_ready

worker_ready.connect(lambda **kwargs: print("ready"))
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL919

@task_success.connect
def done(sender):
    ^^^^ CEL919
    ...

@task_success.connect(sender="shop.sync")
                             ^^^^^^^^^^^ CEL919
def synced(sender, **kwargs):
    ...

@task_success.connect
async def counted(sender, **kwargs):
          ^^^^^^^ CEL919
    ...
```

## Use instead

```python good
import asyncio

from celery.signals import task_success, worker_ready
from shop.tasks import sync

worker_ready.connect(lambda **kwargs: print("ready"), weak=False)

@task_success.connect(sender=sync)
def synced(sender, **kwargs):
    ...

@task_success.connect
def counted(sender, **kwargs):
    asyncio.run(count(sender.name))

async def count(name):
    ...
```

## Exceptions

`weak=False`, and a function inside another that is returned, stored, or named again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import (
    Context,
    FunctionNode,
    Problem,
    Span,
    Unknown,
    defined_name,
    rule,
)
from flake8_celery.core.model import SignalConnect
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FUNCTION
from flake8_celery.tables.messaging import SENDER_IS_NAME, SENDER_IS_TASK


@rule(
    "CEL919",
    "signal-handler",
    pylint="E8738",
    on=SignalConnect,
    message="%s handler: %s",
    raises=("ValueError",),
)
def check(fact: SignalConnect, context: Context) -> Iterator[Problem]:
    handler = fact.handler
    if isinstance(handler, (ast.Lambda, *FunctionNode)) and handler.args.kwarg is None:
        plain = isinstance(handler, ast.Lambda) or len(handler.decorator_list) <= fact.decorator
        if plain:
            place = defined_name(handler, context.module)
            told = "without **kwargs connect raises ValueError"
            yield Problem(place, (fact.signal, told))
    yield from _never_awaited(fact, context)
    if fact.arguments.splat_keywords:
        return
    if "weak" not in fact.arguments.keywords and "retry" not in fact.arguments.keywords:
        yield from _forgotten(fact, context)
    sender = fact.arguments.get("sender")
    if sender is not None:
        if fact.signal in SENDER_IS_TASK and context.only(sender, fact.region, {"str"}):
            told = "this signal is sent by the task object, with a name it's never called"
            yield Problem(sender, (fact.signal, told))
        elif fact.signal in SENDER_IS_NAME and context.only(sender, fact.region, {"task"}):
            told = "this signal is sent by the task's name, with the task it's never called"
            yield Problem(sender, (fact.signal, told))


def _never_awaited(fact: SignalConnect, context: Context) -> Iterator[Problem]:
    handler: ast.AST | None = fact.handler
    place: Span | ast.AST = fact.handler
    if isinstance(handler, FunctionNode):
        place = defined_name(handler, context.module)
    elif isinstance(handler, (ast.Name, ast.Attribute)):
        found = context.model.function_at(handler, fact.region)
        handler = found[0] if found is not None else _method(handler, fact, context)
    if isinstance(handler, ast.AsyncFunctionDef) and len(handler.decorator_list) <= fact.decorator:
        told = "the coroutine is never awaited, its body never runs: use asyncio.run in a plain def"
        yield Problem(place, (fact.signal, told))


def _method(node: ast.expr, fact: SignalConnect, context: Context) -> ast.AST | None:
    """The method behind `store.count`, for an object or class of this module; else None."""
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    made = context.resolve.expressions(owner, fact.region)
    if not isinstance(made, Unknown) and len(made) == 1 and isinstance(made[0][0], ast.Call):
        owner = made[0][0].func
    found = context.resolve.definition(owner, fact.region)
    if found is None or not isinstance(found[0], ast.ClassDef):
        return None
    bindings = context.model.candidates.scopes[found[0]].bindings.get(node.attr)
    return bindings[0].node if bindings and len(bindings) == 1 else None


def _forgotten(fact: SignalConnect, context: Context) -> Iterator[Problem]:
    told = "connect keeps a weak reference only, it's never called: pass weak=False"
    if isinstance(fact.handler, ast.Lambda) and not fact.decorator:
        yield Problem(fact.handler, (fact.signal, told))
        return
    if not isinstance(fact.handler, FunctionNode):
        return
    # the function that the handler is made in
    outer = context.model.candidates.scopes[fact.handler].parent
    scope = outer.scope if outer is not None else None
    if scope is None or scope.kind is not FUNCTION or not isinstance(scope.node, FunctionNode):
        return
    if scope.node.name.startswith("test") or context.model.yields_of(scope.node):
        return
    if any(isinstance(d, ast.expr) for d in scope.node.decorator_list):
        return
    name = fact.handler.name
    uses = sum(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for node in walk(scope.node.body, nested=True)
    )
    if uses == (0 if fact.decorator else 1) and name not in scope.outer_names:
        place = defined_name(fact.handler, context.module)
        yield Problem(place, (fact.signal, told))
