"""A result is given to `revoke`, which takes the id.

## What happens

`app.control.revoke()` and `terminate()` send what they are given to all workers as JSON. A result is
none: EncodeError where it is called, and the task runs on.

```python bad
from celery import Celery

app = Celery("shop")

@app.task
def report(pk): ...

def start(pk):
    result = report.delay(pk)
    app.control.revoke(result, terminate=True)
                       ^^^^^^ CEL417
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")

@app.task
def report(pk): ...

def start(pk):
    result = report.delay(pk)
    app.control.revoke(result.id, terminate=True)
    result.revoke(terminate=True)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Terminate

_CONTROL: Final = frozenset({"celery.current_app.control", "celery.task.control"})


@rule(
    "CEL417",
    "revoke-of-a-result",
    pylint="E8677",
    on=Terminate,
    message="%s() takes the id of a task, a result raises EncodeError: write .id behind it",
    raises=("EncodeError", "TypeError"),
)
def check(fact: Terminate, context: Context) -> Iterator[Problem]:
    func = fact.node.func
    if not isinstance(func, ast.Attribute) or not _is_control(func.value, fact, context):
        return
    given = fact.arguments.get("task_id", 0)
    for node in given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]:
        if node is not None and context.only(node, fact.region, {"result"}):
            yield Problem(node, (func.attr,))


def _is_control(node: ast.expr, fact: Terminate, context: Context) -> bool:
    if context.resolve.qualname(node, fact.region) in _CONTROL:
        return True
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "control"
        and context.model.application(node.value, fact.region) is not None
    )
