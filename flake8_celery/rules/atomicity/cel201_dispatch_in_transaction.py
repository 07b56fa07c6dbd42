"""A task is sent inside a database transaction.

## What happens

The message leaves at once, the rows only at the commit. A worker that is quicker finds no row
(`DoesNotExist`), or the old one; and a rollback doesn't take the message back.

```python bad
from celery import shared_task
from django.db import transaction

@shared_task
def confirm(pk): ...

def order(cart):
    with transaction.atomic():
        placed = cart.place()
        placed.save()
        confirm.delay(placed.pk)
                ^^^^^ CEL201
```
```python bad
from celery import shared_task
from django.db import transaction

@shared_task
def confirm(pk): ...

@transaction.atomic
def order(cart):
    placed = Order.objects.create(cart=cart)
    confirm.apply_async((placed.pk,))
            ^^^^^^^^^^^ CEL201
```

```python bad
from celery import shared_task
from django.db import transaction

@shared_task
def confirm(pk): ...

def place(order):
    order.save()
    confirm.delay(order.pk)

@shared_task
def take(cart):
    with transaction.atomic():
        place(Order(cart))
        ^^^^^ CEL201
```

## Use instead

`delay_on_commit` and `apply_async_on_commit` (Celery 5.4), or `transaction.on_commit`.

```python good
from functools import partial

from celery import shared_task
from django.db import transaction

@shared_task
def confirm(pk): ...

def order(cart):
    with transaction.atomic():
        placed = cart.place()
        placed.save()
        confirm.delay_on_commit(placed.pk)
        transaction.on_commit(partial(confirm.delay, placed.pk))
```

## Exceptions

Transactions in which nothing is seen to be written on the way to the task or from there (`save`,
`create`, `delete`, ...). Code in a function or lambda inside the transaction: it may run later. A
delay (`countdown`, `eta`): somebody thought of the race. Transactions of another database
(`using=`), Task classes that send in their own way, and tests. A transaction that a caller has
opened is seen where a task opens it and calls the function itself, and where `ATOMIC_REQUESTS` is
`True` in the project's settings: then each view runs in one, actions of view sets too, but for those under
`non_atomic_requests`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Call, Ran, bodies_called, body_of
from flake8_celery.core.bodies.transactions import (
    atomic_requests,
    in_transaction,
    is_view,
    sends_at_once,
    task_sent_by,
)
from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Dispatch, Fact, Task
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FUNCTION

WORDS = (".delay", "apply_async")
WRITING = frozenset(
    each
    for name in ("save", "create", "delete", "get_or_create", "update_or_create")
    for each in (name, f"a{name}", f"bulk_{name}", f"abulk_{name}")
) | {"bulk_update", "abulk_update"}


@rule(
    "CEL201",
    "dispatch-in-transaction",
    pylint="W8511",
    on=(Dispatch, Task),
    words={Task: ("atomic",)},
    message="%s sends before the commit: a worker may be quicker, and a rollback leaves the message: %s",
    yields_to=("CEL202",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        yield from _in_what_it_calls(fact, context)
        return
    assert isinstance(fact, Dispatch)
    if fact.call is None:
        return
    told = _opened(fact.region, context)
    if told is None or not sends_at_once(fact):
        return
    if context.for_development or not _writes(fact.statement, fact.region):
        return
    instead = "send it by transaction.on_commit"
    if fact.on in ("task", "imported"):
        instead = f"use {fact.method}_on_commit (Celery 5.4) or transaction.on_commit"
    name = "calling a canvas" if fact.method == "__call__" else fact.method
    yield Problem(called_name(fact.call), (f"{name}{told}", instead))


def _opened(region: Region, context: Context) -> str | None:
    """How the transaction came about that code surely runs in, for messages; None if in none."""
    if in_transaction(region, context.model):
        return ""
    if is_view(region, context.model) and atomic_requests(context.model):
        return " (ATOMIC_REQUESTS is True)"
    return None


def _in_what_it_calls(task: Task, context: Context) -> Iterator[Problem]:
    """Functions that a task calls inside of a transaction, and that send."""
    if task.function is None or not context.module.says("atomic"):
        return
    own = body_of(task.function, context.model)
    for through in own.calls if own is not None else ():
        if not in_transaction(through.region, context.model):
            continue
        for body in bodies_called(through, context.model, WORDS):
            for call in body.calls:
                ran = Ran(call, body, through)
                if _sends(ran) and not context.for_development:
                    method = getattr(call.node.func, "attr", "")
                    instead = f"use {method}_on_commit (Celery 5.4) or transaction.on_commit there"
                    yield Problem(called_name(through.node), (f"{method}{ran.place}", instead))
                    break


def _sends(ran: Ran) -> bool:
    """Whether a called function sends in the caller's transaction, in which something is written."""
    call, home = ran.call, ran.body.model
    if in_transaction(call.region, home) or task_sent_by(call.node, call.region, home) is None:
        return False
    through: Call | None = ran.through
    assert through is not None
    if any(_is_write(node) for node in walk(ran.body.function.body)):
        return True
    return _writes(through.statement, through.region)


def _writes(statement: ast.AST, region: Region) -> bool:
    """Whether something is written in the blocks around a statement, other branches left out."""
    for around in region:
        for block in _blocks(around.node):
            if any(each is statement for each in block):
                others = [each for each in block if each is not statement]
                if any(_is_write(node) for node in walk(others)):
                    return True
        if around.kind is FUNCTION:
            return False
        statement = around.node
    return False


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _is_write(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in ("update", "aupdate"):
        # of a query, and not of a dictionary
        return isinstance(node.func.value, ast.Call)
    return node.func.attr in WRITING
