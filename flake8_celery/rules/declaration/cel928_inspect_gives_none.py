"""The reply of `app.control.inspect()` is used without a look at whether there is one.

## What happens

Each method of `inspect()` gives a dict by worker, and None where no worker answers in time: all are
busy starting, the broker restarts, the timeout (a second) is over. The page or the health check that
reads it then fails with AttributeError or TypeError, just when somebody wants to know.

```python bad
from celery import Celery

app = Celery("shop")

def running():
    return [task for tasks in app.control.inspect().active().values() for task in tasks]
                                                    ^^^^^^ CEL928

def planned():
    inspect = app.control.inspect(timeout=3)
    found = inspect.scheduled()
    for worker, tasks in found.items():
                         ^^^^^ CEL928
        print(worker, len(tasks))
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")

def running():
    found = app.control.inspect().active() or {}
    return [task for tasks in found.values() for task in tasks]

def planned():
    found = app.control.inspect(timeout=3).scheduled()
    if found is None:
        return
    for worker, tasks in found.items():
        print(worker, len(tasks))
```

## Exceptions

A name that the function tests, hands on or changes; a handler that catches the error.
`app.control.ping()` gives a list, an empty one at worst.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import (
    Context,
    FunctionNode,
    Problem,
    Region,
    called_name,
    rule,
)
from flake8_celery.core.model import Inspection
from flake8_celery.core.syntax.flow import walk

_CONTROL: Final = frozenset({"celery.current_app.control", "celery.task.control"})
_CLASSES: Final = frozenset({"celery.app.control.Inspect", "celery.task.control.inspect"})
#: What needs more than None.
_TAKES: Final = frozenset({"len", "list", "sorted", "set", "tuple", "dict", "iter", "any", "all"})


@rule(
    "CEL928",
    "inspect-gives-none",
    pylint="W8586",
    on=Inspection,
    message="%s() gives None where no worker answers in time, %s is raised then: write `or {}` behind it",
    raises=("AttributeError", "TypeError"),
    body=True,
)
def check(fact: Inspection, context: Context) -> Iterator[Problem]:
    func = fact.node.func
    assert isinstance(func, ast.Attribute)
    if not _is_inspect(func.value, fact.region, context):
        return
    error = _fails(fact.node, context.module.parent(fact.node, fact.statement))
    if error:
        yield Problem(called_name(fact.node), (func.attr, error))
        return
    for name, told in _by_name(fact, context):
        yield Problem(name, (func.attr, told))


def _is_inspect(node: ast.expr, region: Region, context: Context) -> bool:
    """Whether an expression is a call of an application's `control.inspect`."""
    found = context.resolve.expression(node, region)
    if found is None:
        return False
    made, where = found
    if not isinstance(made, ast.Call):
        return False
    if context.resolve.qualname(made.func, where) in _CLASSES:
        return True
    if not isinstance(made.func, ast.Attribute) or made.func.attr not in ("inspect", "Inspect"):
        return False
    control = made.func.value
    if context.resolve.qualname(control, where) in _CONTROL:
        return True
    return (
        isinstance(control, ast.Attribute)
        and control.attr == "control"
        and context.model.application(control.value, where) is not None
    )


def _fails(node: ast.expr, outer: ast.AST | None) -> str:
    """The error that None raises where an expression stands, or an empty text."""
    if isinstance(outer, ast.Attribute):
        return "AttributeError"
    if isinstance(outer, ast.Subscript) and outer.value is node:
        return "TypeError"
    if isinstance(outer, (ast.For, ast.comprehension)) and outer.iter is node:
        return "TypeError"
    if isinstance(outer, ast.Call) and node in outer.args and isinstance(outer.func, ast.Name):
        return "TypeError" if outer.func.id in _TAKES else ""
    return ""


def _by_name(fact: Inspection, context: Context) -> Iterator[tuple[ast.Name, str]]:
    """The first use that fails, where the reply has a name that is used in no other way."""
    statement, scope = fact.statement, fact.region.function
    if not isinstance(statement, ast.Assign) or statement.value is not fact.node:
        return
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return
    bindings = fact.region.lookup(target.id)
    function = scope.node if scope is not None else None
    if not isinstance(function, FunctionNode) or not bindings or len(bindings) != 1:
        return
    above = {
        id(child): node
        for node in walk(function.body, nested=True)
        for child in ast.iter_child_nodes(node)
    }
    uses = [
        (node, _fails(node, above.get(id(node))))
        for node in walk(function.body, nested=True)
        if isinstance(node, ast.Name) and node.id == target.id and node is not target
    ]
    if uses and all(error for _, error in uses):
        yield min(uses, key=lambda use: (use[0].lineno, use[0].col_offset))
