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
`create`, `delete`, ...). Code in a function or lambda inside the transaction: it may run later. A delay
(`countdown`, `eta`): somebody thought of the race. Transactions of another database (`using=`), Task
classes that send in their own way, and tests. A transaction that a caller has opened is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core import flow
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.source import CLASS, FUNCTION, LAMBDA, MODULE, WITH, FunctionNode, Region
from flake8_celery.core.surroundings import is_for_development

ATOMIC = "django.db.transaction.atomic"
MANAGER = "contextlib.contextmanager"
SENDING = ("delay", "apply_async", "send_task", "__call__")
WRITING = frozenset(
    each
    for name in ("save", "create", "delete", "get_or_create", "update_or_create")
    for each in (name, f"a{name}", f"bulk_{name}", f"abulk_{name}")
) | {"bulk_update", "abulk_update"}


@rule(
    "CEL201",
    "dispatch-in-transaction",
    pylint="W8511",
    on=Dispatch,
    message="%s sends at once, inside the transaction: a worker may be quicker than the commit, and a "
    "rollback doesn't take the message back: %s",
    yields_to=("CEL202",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is None or fact.method not in SENDING or not _in_transaction(fact.region, context):
        return
    if "countdown" in fact.options or "eta" in fact.options or not _sends_plainly(fact):
        return
    if is_for_development(context.model) or not _writes(fact.statement, fact.region):
        return
    instead = "send it by transaction.on_commit"
    if fact.on in ("task", "imported"):
        instead = f"use {fact.method}_on_commit (Celery 5.4) or transaction.on_commit"
    name = "calling a canvas" if fact.method == "__call__" else fact.method
    yield Problem(called_name(fact.call), (name, instead))


def _in_transaction(region: Region, context: Context) -> bool:
    """Whether the code surely runs inside a transaction that this function opens."""
    for around in region:
        if around.kind is WITH:
            assert isinstance(around.node, (ast.With, ast.AsyncWith))
            if any(_opens(i.context_expr, around, context) for i in around.node.items):
                return True
        elif around.kind is FUNCTION and isinstance(around.node, FunctionNode):
            outside = around.parent or around
            decorators = around.node.decorator_list
            task = context.model.functions_of_tasks.get(around.node)
            if task is not None and task.decorator is not None:
                decorators = task.below  # what stands above it the worker does not run
            return any(_opens(d, outside, context) for d in decorators)
        elif around.kind in (LAMBDA, CLASS, MODULE):
            return False
    return False


def _writes(statement: ast.AST, region: Region) -> bool:
    """Whether something is written in the blocks around a statement, other branches left out."""
    for around in region:
        for block in _blocks(around.node):
            if any(each is statement for each in block):
                others = [each for each in block if each is not statement]
                if any(_is_write(node) for node in flow.walk(others)):
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


def _opens(node: ast.expr, region: Region, context: Context) -> bool:
    """Whether an expression is `atomic` on the default database."""
    func = node
    if isinstance(node, ast.Call):
        func = node.func
        if _manages(func, region, context):
            return True
        if node.args or any(keyword.arg in ("using", None) for keyword in node.keywords):
            # a function given to `atomic(f)`, another database, or nobody knows
            return False
    return (
        isinstance(func, (ast.Name, ast.Attribute))
        and context.resolve.qualname(func, region) == ATOMIC
    )


def _manages(func: ast.expr, region: Region, context: Context) -> bool:
    """Whether it is a context manager of the project's own that gives control inside `atomic`."""
    found = context.model.function_at(func, region)
    if found is None:
        return False
    function, outside, home = found
    names = {home.resolver.qualname(each, outside) for each in function.decorator_list}
    inner = home.candidates.scopes.get(function)
    if inner is None or names != {MANAGER}:
        return False
    for node in flow.walk(function.body):
        if not isinstance(node, ast.With):
            continue
        if any(isinstance(each, ast.Yield) for each in flow.walk(node.body)):
            for item in node.items:
                opened = item.context_expr
                if isinstance(opened, ast.Call):
                    if opened.args or opened.keywords:
                        continue
                    opened = opened.func
                if home.resolver.qualname(opened, inner) == ATOMIC:
                    return True
    return False


def _sends_plainly(fact: Dispatch) -> bool:
    """Whether nothing of the project's own stands between the call and the broker."""
    if fact.on in ("app", "signature"):
        return True
    task = fact.resolved_task()
    return task is not None and all(task.base.lacks(name) for name in ("delay", "apply_async"))
