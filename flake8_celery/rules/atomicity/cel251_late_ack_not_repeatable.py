"""A late-acknowledged task whose second run does its work twice.

## What happens

With late acknowledgement a message is delivered again when the worker dies after the work and before
the acknowledgement, when a connection is lost, and on Redis and SQS when the visibility timeout is
over. A body that mails, charges or creates rows without asking first does it again.

```python bad
from celery import shared_task
from django.core.mail import send_mail

@shared_task(acks_late=True)
def remind(address):
    send_mail("Your order", "It waits for you.", None, [address])
    ^^^^^^^^^ CEL251
```

A function that the task calls counts, where it is in sight.

```python bad
import stripe
from celery import shared_task

def charge(amount, customer):
    stripe.PaymentIntent.create(amount=amount, currency="eur", customer=customer)

@shared_task(acks_late=True, reject_on_worker_lost=True)
def pay(amount, customer):
    charge(amount, customer)
    ^^^^^^ CEL251
```

## Use instead

A body that a second run can't hurt: ask for the state, a key that the other side knows the work by,
`get_or_create` or a unique column. Where neither can be had, acknowledge early and live with work
that is lost once.

```python good
import stripe
from celery import shared_task
from django.core.mail import send_mail
from shop.models import Order

@shared_task(acks_late=True)
def remind(pk):
    if not Order.objects.filter(pk=pk, reminded=False).update(reminded=True):
        return
    send_mail("Your order", "It waits for you.", None, [Order.objects.get(pk=pk).address])

@shared_task(acks_late=True)
def pay(order, amount):
    stripe.PaymentIntent.create(amount=amount, currency="eur", idempotency_key=f"order-{order}")
```

## When to switch it on

Where tasks are acknowledged late: with CEL350 it makes sure that "at least once" does no harm. In the
packages that the rules are tried on none of 668 tasks is told.

## Exceptions

Tasks that are not surely acknowledged late. Work that stands under an `if`, behind one that leaves
the task, or in a `try` that catches `IntegrityError`: something is asked first. `idempotency_key`,
`ignore_conflicts`, `update_conflicts`. Files for tests and development.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Ran, found
from flake8_celery.core.bodies.queries import manager_of
from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.settings.effective import is_on
from flake8_celery.core.syntax.candidates import last_name
from flake8_celery.core.syntax.flow import always_exits
from flake8_celery.core.syntax.regions import CASE, ELSE, FUNCTION, HANDLER, IF, TRY
from flake8_celery.tables.blocking import CHARGES, MAILS, MESSAGES, REPEAT_WORDS, REPEATABLE


@rule(
    "CEL251",
    "late-ack-not-repeatable",
    pylint="R8544",
    on=Task,
    default=False,
    message="%s%s, and a message acknowledged late may come twice: ask for the state first, or make "
    "it repeatable by a key",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if not is_on(task, "acks_late", context.model) or context.for_development:
        return
    for ran, what in found(task, context.model, REPEAT_WORDS, _acts):
        asked = ran.through is not None and _is_guarded(ran.through.region, ran.through.statement)
        if not asked:
            yield Problem(called_name(ran.node), (what, ran.place))


def _acts(ran: Ran) -> str | None:
    """What a call does that must not be done twice, where nothing is asked first."""
    call, resolver = ran.call.node, ran.body.model.resolver
    if any(keyword.arg is None or keyword.arg in REPEATABLE for keyword in call.keywords):
        return None
    name = resolver.qualname(call.func, ran.call.region)
    what = None
    if name in MAILS:
        what = "this mails"
    elif name in CHARGES:
        what = "this charges"
    elif isinstance(call.func, ast.Attribute):
        if call.func.attr in ("create", "bulk_create") and manager_of(call.func.value):
            what = "this creates rows"
        elif call.func.attr == "send" and _is_message(call.func.value, ran):
            what = "this mails"
    if what is None or _is_guarded(ran.call.region, ran.call.statement):
        return None
    return what


def _is_message(node: ast.expr, ran: Ran) -> bool:
    """Whether an expression is a mail that is made here."""
    region = ran.call.region
    if isinstance(node, ast.Name):
        bindings = region.lookup(node.id)
        if not bindings or len(bindings) != 1 or bindings[0].how != "assign":
            return False
        if bindings[0].value is None:
            return False
        node, region = bindings[0].value, bindings[0].scope
    if not isinstance(node, ast.Call):
        return False
    return ran.body.model.resolver.qualname(node.func, region) in MESSAGES


def _catches(node: ast.AST | None, name: str) -> bool:
    """Whether a `try` names an exception in one of its handlers."""
    return isinstance(node, ast.Try) and any(
        last_name(named) == name
        for handler in node.handlers
        if handler.type is not None
        for named in ast.walk(handler.type)
    )


def _is_guarded(region: Region, statement: ast.stmt) -> bool:
    """Whether something is asked on the way to a statement: a condition, or a unique key."""
    for around in region:
        if around.kind in (IF, ELSE, CASE, HANDLER):
            return True
        if around.kind is TRY and _catches(around.node, "IntegrityError"):
            return True
        body: object = getattr(around.node, "body", ())
        for before in body if isinstance(body, list) else ():
            if before is statement:
                break
            if isinstance(before, ast.If) and (
                always_exits(before.body) or always_exits(before.orelse)
            ):
                return True
        if around.kind is FUNCTION:
            return False
        if isinstance(around.node, ast.stmt):
            statement = around.node
    return False
