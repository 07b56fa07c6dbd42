"""Several writes of a task that don't belong to one transaction.

## What happens

A task may end between any two lines: a crash, a hard time limit, a deployment. What it has written
until then stays, what would have come next does not; and a retry starts from the half-way state.

```python bad
from celery import shared_task
from shop.models import Order, Stock

@shared_task
def book(pk, amount):
    order = Order.objects.get(pk=pk)
    order.booked = True
    order.save()
    Stock.objects.filter(sku=order.sku).update(reserved=amount)
                                        ^^^^^^ CEL252
```

## Use instead

```python good
from celery import shared_task
from django.db import transaction
from shop.models import Order, Stock

@shared_task
def book(pk, amount):
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=pk)
        order.booked = True
        order.save()
        Stock.objects.filter(sku=order.sku).update(reserved=amount)
```

## When to switch it on

Where rows of several tables must agree. In the packages that the rules are tried on it tells 6 of
668 tasks; in 5 the rows do disagree after a crash (a session that is finished, and the request
behind it that is not), in 1 a second run puts it right.

## Exceptions

Writes of which only one runs (two branches of an `if`, a handler), writes to the same object
(states that others shall see on the way), one write in a loop, rows that a query deletes (a second
run deletes the rest), mails, notifications, logs and audits, anything under `transaction.atomic` as
block or decorator, and writes that are not seen to be Django's: `.objects...`, or `save()` and
`delete()` on a row that comes from a query in sight.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Body, Call, body_of, called_bodies
from flake8_celery.core.bodies.queries import WRITE_WORDS, is_cleanup, is_write
from flake8_celery.core.bodies.transactions import in_transaction
from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.regions import CASE, ELSE, FUNCTION, HANDLER, IF, TRY

RECORDS = ("notif", "audit", "history", "mail", "message", "log")
"""Words in the names of what is only written about a change."""
BRANCHES = frozenset({IF, ELSE, CASE, HANDLER, TRY})


@rule(
    "CEL252",
    "writes-not-atomic",
    pylint="R8545",
    on=Task,
    default=False,
    message="%s is written after line %s in no transaction with it: a crash between leaves half; put "
    "both under transaction.atomic()",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.function is None or context.for_development:
        return
    own = body_of(task.function, context.model)
    if own is None:
        return
    first: tuple[Call, str] | None = None
    for call, what in sorted(_writes(task, own, context), key=lambda each: _at(each[0])):
        if first is None:
            first = call, what
        elif first[1] != what and not _exclusive(first[0].region, call.region):
            yield Problem(called_name(call.node), (what, first[0].node.lineno))
            return


def _writes(task: Task, own: Body, context: Context) -> Iterator[tuple[Call, str]]:
    """Writes outside of a transaction, of the task and of functions that it calls, and of what."""
    model = context.model
    if any(map(model.module.says, WRITE_WORDS)):
        for call in own.calls:
            if _counts(call, model):
                yield call, _target(call.node)
    for through, body in called_bodies(task, model, WRITE_WORDS):
        if in_transaction(through.region, model):
            continue
        for call in body.calls:
            if _counts(call, body.model):
                yield through, _target(call.node)
                break


def _counts(call: Call, model: Model) -> bool:
    """Whether a call writes, outside of a transaction, something that others must agree with."""
    if not is_write(call.node, call.region, model) or is_cleanup(call.node):
        return False
    target = _target(call.node).lower()
    if any(word in target for word in RECORDS):
        return False
    return not in_transaction(call.region, model)


def _at(call: Call) -> tuple[int, int]:
    return call.node.lineno, call.node.col_offset


def _target(call: ast.Call) -> str:
    """What is written to: the model's or the object's name."""
    node: ast.expr = call.func
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
            return ast.unparse(node.value)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.value.id
        node = node.func if isinstance(node, ast.Call) else node.value
    return ast.unparse(node)


def _exclusive(one: Region, other: Region) -> bool:
    """Whether at most one of two places runs: branches of one `if`, `match` or `try`."""
    first = {id(around.node): around for around in one if around.kind in BRANCHES}
    for around in other:
        same = first.get(id(around.node))
        if same is not None and same.kind is not around.kind:
            return True
        if around.kind in (CASE, HANDLER) and same is None:
            return True
        if around.kind is FUNCTION:
            return False
    return any(around.kind in (CASE, HANDLER) for around in one)
