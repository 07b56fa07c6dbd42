"""The result of a signature or a canvas that was not sent is asked for.

## What happens

`group()`, `chain()`, `chord()` and `s()` only describe work; the result comes from what sends it. A
signature is a dict: `get()` is the dict's and raises TypeError, or returns None for a number given to
it. It has no `ready`, `join` or `result`: AttributeError. Nothing runs.

```python bad
from celery import group, shared_task

@shared_task
def analyse(sample): ...

def both(first, second):
    results = group(analyse.s(first), analyse.s(second))
    return results.get(timeout=20)
                   ^^^ CEL614

def one(sample):
    return analyse.s(sample).ready()
                             ^^^^^ CEL614
```

## Use instead

```python good
from celery import group, shared_task

@shared_task
def analyse(sample): ...

def both(first, second):
    results = group(analyse.s(first), analyse.s(second))()
    return results.get(timeout=20)

def one(sample):
    return analyse.delay(sample).ready()

def task_of(signature):
    return analyse.s(1).get("task")
```

## Exceptions

`get` of a text: a key of the signature. Names that are bound again, or used in another function.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, called_name, dotted, rule
from flake8_celery.core.model import Canvas, Dispatch, Fact, Pipe
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.flow import walk
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

#: Attributes of results that no signature has, but for `get`.
_OF_RESULTS = frozenset(
    [
        *("get", "ready", "successful", "failed", "result", "results", "state", "status", "info"),
        *("join", "join_native", "wait", "collect", "revoke", "forget", "traceback", "waiting"),
        *("completed_count", "maybe_throw", "get_leaf", "task_id", "children", "date_done"),
    ]
)
_MAKES = frozenset({"s", "si", "signature", "subtask", "map", "starmap", "chunks"})
#: Methods of a signature that return a signature.
_KEEPS = frozenset({"set", "clone", "on_error"})


@rule(
    "CEL614",
    "result-of-unsent",
    pylint="E8664",
    on=(Canvas, Pipe, Dispatch),
    message="%s was not sent, %s raises %s: send it first, with .delay() or .apply_async()",
    raises=("TypeError", "AttributeError"),
    body=True,
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Dispatch) and fact.method not in _MAKES:
        return
    node, outer = _whole(fact, context)
    what = {Canvas: getattr(fact, "kind", ""), Pipe: "chain"}.get(type(fact), "signature")
    if isinstance(outer, ast.Attribute) and outer.attr in _OF_RESULTS:
        holder = context.module.parent(outer, fact.statement)
        if not _is_key(outer, holder):
            yield _problem(outer, f"this {what}")
        return
    statement = fact.statement
    if not isinstance(statement, ast.Assign) or statement.value is not node:
        return
    target = statement.targets[0]
    function = fact.region.function
    name = dotted(target)
    if name is None or function is None or len(statement.targets) > 1:
        return
    if not _is_bound_once(target, name, function, fact, context.model):
        return
    for inner in _uses_of(function.node, context.model).read.get(name, ()):
        yield _problem(inner, name)


class Uses(NamedTuple):
    """What a function does with names, dotted ones too."""

    read: dict[str, list[ast.Attribute]]
    """Where each is asked for a result."""
    stored: Counter[str]
    """How often each attribute is given a value."""


_USES: Final[Slot[dict[ast.AST, Uses]]] = Slot(dict)


def _uses_of(function: ast.AST, model: Model) -> Uses:
    known = _USES.of(model.notes)
    uses = known.get(function)
    if uses is None:
        uses = known[function] = Uses({}, Counter())
        keys = set()
        for inner in walk(getattr(function, "body", ())):
            if isinstance(inner, ast.Call) and _is_key(inner.func, inner):
                keys.add(inner.func)
            if not isinstance(inner, ast.Attribute):
                continue
            if isinstance(inner.ctx, ast.Store):
                uses.stored[dotted(inner) or ""] += 1
            elif isinstance(inner.ctx, ast.Load):
                name = dotted(inner.value)
                if name is not None and inner.attr in _OF_RESULTS and inner not in keys:
                    uses.read.setdefault(name, []).append(inner)
    return uses


def _is_bound_once(target: ast.expr, name: str, function: Region, fact: Fact, model: Model) -> bool:
    """Whether nothing else gives the name, or `self.name` in this function, another value."""
    if isinstance(target, ast.Name):
        bindings = fact.region.lookup(target.id)
        return bindings is not None and len(bindings) == 1
    return _uses_of(function.node, model).stored[name] == 1


def _whole(fact: Fact, context: Context) -> tuple[ast.AST, ast.AST | None]:
    """What is built, with the methods that return the same, and what stands around it."""
    node = fact.node
    outer = context.module.parent(node, fact.statement)
    while isinstance(outer, ast.Attribute) and outer.attr in _KEEPS:
        call = context.module.parent(outer, fact.statement)
        if not isinstance(call, ast.Call) or call.func is not outer:
            break
        node, outer = call, context.module.parent(call, fact.statement)
    return node, outer


def _is_key(func: ast.AST, call: ast.AST | None) -> bool:
    """`signature.get("task")`, which reads the dict on purpose; `get` that is not called may."""
    if not isinstance(func, ast.Attribute) or func.attr != "get":
        return False
    if not isinstance(call, ast.Call) or call.func is not func:
        return True
    if not call.args:
        return any(keyword.arg is None for keyword in call.keywords)
    first = call.args[0]
    return not (isinstance(first, ast.Constant) and isinstance(first.value, (int, float)))


def _problem(attribute: ast.Attribute, what: str) -> Problem:
    error = "TypeError" if attribute.attr == "get" else "AttributeError"
    return Problem(called_name(attribute), (what, attribute.attr, error))
