"""A Task class sent, or registered, in a way that can't work.

## What happens

- Without `name` an instance that is not registered sends a message for a task named None, and no
  worker runs it.
- `delay` and `apply_async` are methods: on the class the first argument takes the place of the task,
  and the call dies with AttributeError or TypeError.
- A class without `run` raises NotImplementedError in the worker.

```python bad
from celery import Celery, Task

app = Celery("shop")

class Charge(Task):
    def run(self, order_id): ...

class Refund(Task):
    def execute(self, order_id): ...

Charge().delay(1)
^^^^^^^^ CEL914
Charge.delay(1)
^^^^^^ CEL914
app.register_task(Refund())
                  ^^^^^^^^ CEL914
```

## Use instead

```python good
from celery import Celery, Task

app = Celery("shop")

class Charge(Task):
    name = "shop.charge"

    def run(self, order_id): ...

charge = app.register_task(Charge())
charge.delay(1)
```

## Exceptions

Classes with a base that can't be read, or that define the method themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import Task

_SENDING = ("delay", "apply_async")
_ON_CLASS = (
    "{method} of the class {name} takes its first argument for the task: register_task({name}()), "
    "and send what it returns"
)
_NAMELESS = (
    "{name}() has no name and no worker runs it: send what register_task({name}()) returns, or set "
    "name"
)
_NO_RUN = "{name} has no run, every message ends in NotImplementedError: define run"


@rule(
    "CEL914",
    "class-task",
    pylint="W8782",
    on=Task,
    words=("class",),
    message="%s",
    raises=("NotImplementedError", "TypeError", "AttributeError"),
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    node = task.node
    if not isinstance(node, ast.ClassDef):
        return
    calls = context.model.candidates.attribute_calls
    for method in _SENDING:
        for call, _, region in calls.get(method, ()):
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else call
            told = ""
            if _is(receiver, region, node, context):
                told = _ON_CLASS if task.base.lacks(method) else ""
            elif _makes(receiver, region, node, context) or (
                # a variable, that nothing here may have registered
                isinstance(receiver, ast.Name)
                and not context.module.says("register")
                and _holds(receiver, region, node, context)
            ):
                told = _sent(task, method)
            if told:
                yield Problem(receiver, (told.format(name=node.name, method=method),))
    for call, _, region in calls.get("register_task", ()):
        given = call.args[0] if call.args else call
        if _makes(given, region, node, context) or _is(given, region, node, context):
            if task.base.lacks("run"):
                yield Problem(given, (_NO_RUN.format(name=node.name),))


def _sent(task: Task, method: str) -> str:
    """What is wrong with a new instance that is sent."""
    base = task.base
    if base.lacks("run"):
        return _NO_RUN
    nameless = all(base.lacks(name) for name in ("name", "__init__", method))
    return _NAMELESS if nameless else ""


def _is(node: ast.AST, region: Region, cls: ast.ClassDef, context: Context) -> bool:
    """Whether an expression is the class itself."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    found = context.resolve.definition(node, region)
    return found is not None and found[0] is cls


def _makes(node: ast.AST, region: Region, cls: ast.ClassDef, context: Context) -> bool:
    """Whether an expression is a new instance of the class."""
    return isinstance(node, ast.Call) and _is(node.func, region, cls, context)


def _holds(node: ast.Name, region: Region, cls: ast.ClassDef, context: Context) -> bool:
    """Whether a variable surely is a new instance of the class, which no call was handed."""
    found = context.resolve.expressions(node, region)
    if isinstance(found, Unknown) or not found:
        return False
    handed_on = any(
        isinstance(argument, ast.Name) and argument.id == node.id
        for call in ast.walk(context.module.tree)
        if isinstance(call, ast.Call)
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
    )
    return not handed_on and all(_makes(made, there, cls, context) for made, there in found)
