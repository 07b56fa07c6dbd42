"""A group or chord with as many members as there are rows.

## What happens

The whole group is built in memory, and each member becomes a message and, in a chord, a result that
the backend counts. What is a hundred rows in development is a million in production: the sender runs
out of memory, the broker out of space, and every other task waits behind them.

```python bad
from celery import group, shared_task

@shared_task
def remind(pk): ...

def remind_all():
    group(remind.s(user.pk) for user in User.objects.filter(active=True)).delay()
                                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL155
```

## Use instead

Several items a message, or one batch after the other.

```python good
from celery import group, shared_task

@shared_task
def remind(pk): ...

def remind_all():
    pks = User.objects.filter(active=True).values_list("pk")
    remind.chunks(pks.iterator(), 100).delay()

def remind_some():
    group(remind.s(user.pk) for user in User.objects.filter(active=True)[:500]).delay()
```

## When to switch it on

Where tables grow. In the packages that the rules are tried on no group or chord is told.

## Exceptions

A query that is sliced, anything whose size can't be told, and files for tests and development.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.queries import query_of
from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.model import Canvas

COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp, ast.SetComp)


@rule(
    "CEL155",
    "unbounded-fan-out",
    pylint="R8540",
    on=Canvas,
    default=False,
    message="a %s with one member per row of %s: its size is the table's; use chunks(), or send "
    "batches",
)
def check(fact: Canvas, context: Context) -> Iterator[Problem]:
    if fact.kind not in ("group", "chord"):
        return
    name = "header" if fact.kind == "chord" else "tasks"
    header = fact.arguments.get(name, 0)
    if header is None or context.for_development:
        return
    for source, region in _sources(header, fact.region, context):
        query = query_of(source, region, context.model)
        if query is not None:
            yield Problem(source, (fact.kind, query))


def _sources(node: ast.expr, region: Region, context: Context) -> Iterator[tuple[ast.expr, Region]]:
    """What the comprehension goes over that makes the members."""
    if isinstance(node, ast.Name):
        found = region.lookup(node.id)
        if found and len(found) == 1 and found[0].how == "assign" and found[0].value is not None:
            node, region = found[0].value, found[0].scope
    if isinstance(node, ast.Call) and len(node.args) == 1:
        # list(...), group(...) in a chord
        node = node.args[0]
    if isinstance(node, COMPREHENSIONS):
        yield node.generators[0].iter, region
