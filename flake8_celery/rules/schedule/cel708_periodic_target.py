"""`add_periodic_task` is given something that beat can't send, or the same entry twice.

## What happens

- A chain: the worker raises NotImplementedError, "chain is not a real task", each time.
- A group: beat can't send it, TypeError each time.
- Text: AttributeError where it is added.
- The same signature twice without `name=`: both get the same entry, the second replaces the first.

```python bad
from celery import Celery, chain, group, shared_task

app = Celery("shop")

@app.task
def count(): ...

@app.task
def mail(n): ...

@app.on_after_configure.connect
def schedule(sender, **kwargs):
    sender.add_periodic_task(60.0, chain(count.s(), mail.s()))
                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL708
    sender.add_periodic_task(60.0, "shop.count")
                                   ^^^^^^^^^^^^ CEL708
```
```python bad
from celery import Celery

app = Celery("shop")

@app.task
def mail(n): ...

@app.on_after_configure.connect
def schedule(sender, **kwargs):
    sender.add_periodic_task(60.0, mail.s(1))
    sender.add_periodic_task(3600.0, mail.s(1))
                                     ^^^^^^^^^ CEL708
```

## Use instead

A task that starts the chain, and a name for each entry.

```python good
from celery import Celery, chain

app = Celery("shop")

@app.task
def count(): ...

@app.task
def mail(n): ...

@app.task
def count_and_mail():
    chain(count.s(), mail.s()).delay()

@app.on_after_configure.connect
def schedule(sender, **kwargs):
    sender.add_periodic_task(60.0, count_and_mail.s())
    sender.add_periodic_task(60.0, mail.s(1), name="each minute")
    sender.add_periodic_task(3600.0, mail.s(1), name="each hour")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import Periodic
from flake8_celery.core.model.model import Model
from flake8_celery.notes import Slot
from flake8_celery.tables.methods import CANVAS_NAMES

_CANVASES = {
    "chain": "the worker raises NotImplementedError each time, send a task that starts the chain",
    "group": "beat raises TypeError each time, send a task that starts the group",
}


@rule(
    "CEL708",
    "periodic-target",
    pylint="E8708",
    on=Periodic,
    message="%s",
)
def check(fact: Periodic, context: Context) -> Iterator[Problem]:
    target = fact.arguments.get("sig", 1)
    if target is None:
        return
    if context.only(target, fact.region, {"str"}):
        yield Problem(target, ("text has no name: AttributeError, give a signature",))
        return
    kind = _canvas(target, fact, context)
    if kind is not None:
        yield Problem(target, (f"a {kind} can't be scheduled: {_CANVASES[kind]}",))
    elif _repeats(target, fact, context):
        told = "the same signature without name= replaces the entry above: give each a name"
        yield Problem(target, (told,))


def _canvas(target: ast.expr, fact: Periodic, context: Context) -> str | None:
    found = context.resolve.expression(target, fact.region)
    if found is None:
        return None
    node, region = found
    if isinstance(node, ast.Call):
        name = context.resolve.qualname(node.func, region)
        last = (name or "").rpartition(".")[2]
        if name in CANVAS_NAMES and last in _CANVASES:
            # chain(one) is the signature itself, chain(*parts) may be
            if last == "group" or (
                len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args)
            ):
                return last
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [context.resolve.kinds(side, region) for side in (node.left, node.right)]
        if all(not isinstance(side, Unknown) and side == {"signature"} for side in sides):
            if not any(_is_group(side, region, context) for side in (node.left, node.right)):
                return "chain"
    return None


def _is_group(node: ast.expr, region: object, context: Context) -> bool:
    """A group on a side makes a chord, which works."""
    return any(
        isinstance(part, ast.Call)
        and (
            part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
        )
        in ("group", "chord")
        for part in ast.walk(node)
    ) or not isinstance(node, (ast.Call, ast.BinOp))


def _repeats(target: ast.expr, fact: Periodic, context: Context) -> bool:
    """Whether an entry above, run in the same breath, has this very signature and no name."""
    if not isinstance(target, ast.Call) or not _unnamed(fact):
        return False
    first = _first_of_each(context.model).get((fact.region, ast.dump(target)))
    return first is not None and first < target.lineno and _constant(target)


_FIRST: Final[Slot[dict[tuple[Region, str], int]]] = Slot(dict)
"""The line on which each signature is given first, by region and by how it is written."""


def _first_of_each(model: Model) -> dict[tuple[Region, str], int]:
    first = _FIRST.of(model.notes)
    for fact in model.of(Periodic) if not first else ():
        given = fact.arguments.get("sig", 1)
        if given is not None and _unnamed(fact):
            key = fact.region, ast.dump(given)
            first[key] = min(given.lineno, first.get(key, given.lineno))
    return first


def _unnamed(fact: Periodic) -> bool:
    return fact.arguments.lacks("name", 4)


def _constant(call: ast.Call) -> bool:
    """Whether the signature's arguments say the same both times."""
    return all(isinstance(argument, ast.Constant) for argument in call.args) and all(
        isinstance(keyword.value, ast.Constant) for keyword in call.keywords
    )
