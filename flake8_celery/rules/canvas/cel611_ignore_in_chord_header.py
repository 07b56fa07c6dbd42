"""A task in a chord's header raises `Ignore`: the body never runs.

## What happens

A chord counts the tasks of its header that are done. One that raises `Ignore` is never counted, on any
result backend: the body does not run, no error is raised, and the chord stays PENDING for ever.

```python bad
from celery import chord, group, shared_task
from celery.exceptions import Ignore

@shared_task
def load(pk):
    if pk < 0:
        raise Ignore()

@shared_task
def total(results): ...

def run():
    chord([load.s(1), load.s(2)])(total.s())
                ^ CEL611
                           ^ CEL611
    (group(load.s(pk) for pk in range(3)) | total.s()).delay()
                ^ CEL611
```

## Use instead

Return a value that the body knows to skip.

```python good
from celery import chord, shared_task

@shared_task
def load(pk):
    if pk < 0:
        return None

@shared_task
def total(results): ...

def run():
    chord([load.s(1), load.s(2)])(total.s())
```

## Exceptions

`Reject` fails the chord, and says so. An `Ignore` that the task itself catches.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from flake8_celery.core.engine import Context, Problem, called_name, dotted, rule
from flake8_celery.core.messages.canvas_build import Step
from flake8_celery.core.messages.canvas_steps import headers, inside, whole
from flake8_celery.core.model import Canvas, Pipe, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.syntax.regions import DefinitionNode

_CATCHING = frozenset({"Ignore", "CeleryError", "Exception", "BaseException"})


@rule(
    "CEL611",
    "ignore-in-chord-header",
    pylint="W8661",
    on=(Canvas, Pipe),
    message="%s raises Ignore and is in a chord's header: the body then never runs, return instead",
)
def check(fact: Canvas | Pipe, context: Context) -> Iterator[Problem]:
    for header in headers(whole(fact, context.model)):
        for value in inside(header):
            if isinstance(value, Step):
                task = value.fact.resolved_task()
                if task is not None and _raises_ignore(task):
                    yield Problem(called_name(value.node), (task.name,), value.node)


def _raises_ignore(task: Task) -> bool:
    if task.function is None or task.below:
        return False
    inner = model_of(task).candidates.scopes.get(task.function)
    if inner is None:
        return False
    for statement in _raised(task.function.body):
        kind = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        if isinstance(kind, (ast.Name, ast.Attribute)):
            if task.view.resolver.qualname(kind, inner) == "celery.exceptions.Ignore":
                return True
    return False


def _raised(body: Sequence[ast.stmt]) -> Iterator[ast.Raise]:
    """The `raise` statements of a block whose exception leaves the function."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise):
            yield node
        elif isinstance(node, (*DefinitionNode, ast.expr)):
            continue
        elif isinstance(node, ast.Try):
            if not any(_catches(handler) for handler in node.handlers):
                stack += node.body
            stack += (*node.handlers, *node.orelse, *node.finalbody)
        else:
            stack += ast.iter_child_nodes(node)


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any((dotted(kind) or "").rpartition(".")[2] in _CATCHING for kind in types)
