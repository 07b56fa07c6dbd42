"""Waiting for another task inside a task, allowed on purpose.

## What happens

`disable_sync_subtasks=False` and `allow_join_result()` lift Celery's guard, not its reason. A task
that waits holds a slot that the task it waits for may need: with as many waiting tasks as slots the
worker stands still, and on the solo pool it always does.

```python bad
from celery import shared_task

@shared_task
def price(order): ...

@shared_task
def invoice(order):
    return price.delay(order).get(disable_sync_subtasks=False)
                              ^^^ CEL152
```

## Use instead

Let the first task hand its result on: a chain, or a chord for several.

```python good
from celery import shared_task

@shared_task
def price(order): ...

@shared_task
def write_invoice(total): ...

@shared_task
def invoice(order):
    (price.s(order) | write_invoice.s()).delay()
```

## When to switch it on

Where a queue must not stand still: whatever it tells can. In the packages that the rules are tried on
none of 668 tasks does it.

## Exceptions

`celery-pool = gevent` or `eventlet`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, dotted, rule
from flake8_celery.core.model import Blocking
from flake8_celery.core.syntax.regions import WITH

COOPERATIVE = frozenset({"gevent", "eventlet"})


@rule(
    "CEL152",
    "blocking-call-allowed",
    pylint="R8538",
    on=Blocking,
    default=False,
    message="%s waits inside the task %s, in a slot that what it waits for may need: chain the tasks "
    "instead",
    body=True,
)
def check(fact: Blocking, context: Context) -> Iterator[Problem]:
    if not COOPERATIVE.isdisjoint(context.options.celery_pool):
        return
    guard = fact.arguments.get("disable_sync_subtasks")
    lifted = guard is not None and context.every(guard, fact.region, lambda value: not value)
    if lifted or _is_allowed(fact):
        shown = "~signature" if fact.method == "~" else f"{fact.method}()"
        yield Problem(called_name(fact.node), (shown, fact.task.name))


def _is_allowed(fact: Blocking) -> bool:
    """Whether the call stands under `allow_join_result()`."""
    for region in fact.region:
        if region.kind is WITH and isinstance(region.node, (ast.With, ast.AsyncWith)):
            for item in region.node.items:
                call = item.context_expr
                name = dotted(call.func) if isinstance(call, ast.Call) else None
                if name is not None and name.rpartition(".")[2] == "allow_join_result":
                    return True
    return False
