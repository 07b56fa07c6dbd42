"""A task whose every failure counts as success.

## What happens

The whole body stands in a `try` whose `except Exception` neither raises nor retries: the task is
stored as SUCCESS whatever happened. No retry, no error callback, no alert of a monitor, and the next
step of a chain goes on with None.

```python bad
import logging

from celery import shared_task

@shared_task
def push(pk):
    try:
        send(pk)
    except Exception:
    ^^^^^^ CEL359
        logging.exception("push failed")
```

## Use instead

Log what is needed and let the exception through, or retry.

```python good
import logging

from celery import shared_task

@shared_task
def push(pk):
    try:
        send(pk)
    except Exception:
        logging.exception("push failed")
        raise
```

## When to switch it on

Where failures are watched by task state: monitors, error callbacks, chains. In the packages that the
rules are tried on 2 of 668 tasks are told; both swallow every failure, and both on purpose: one only
logs, the other keeps failures in a table of its own. Leave it off where that is what people watch.

## Exceptions

A handler that raises, retries, hands the task or the exception on to a function, or sets a state
itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.flow import escapes, raises, walk

BROAD = frozenset({"Exception", "BaseException"})
SPEAKING = frozenset({"retry", "update_state", "replace", "apply_async", "delay", "on_failure"})
SAYING = frozenset(
    {"exception", "error", "warning", "info", "debug", "critical", "log", "warn", "print"}
)


@rule(
    "CEL359",
    "failure-swallowed",
    pylint="R8536",
    on=Task,
    default=False,
    message="every failure of %s is caught here and the task counts as succeeded: re-raise it, or "
    "retry",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    handler = _swallows(task, context)
    if handler is not None:
        line, start = handler.lineno, handler.col_offset
        yield Problem(Span(line, start, line, start + len("except")), (task.name,))


def _swallows(task: Task, context: Context) -> ast.ExceptHandler | None:
    """The handler that catches whatever the body raises, and says nothing of it to Celery."""
    if task.function is None:
        return None
    body = [s for s in task.function.body if not _is_harmless(s)]
    if len(body) != 1 or not isinstance(body[0], ast.Try) or raises(body[0].finalbody):
        return None
    for handler in body[0].handlers:
        if handler.type is not None:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
            if names.isdisjoint(BROAD):
                continue
        speaks = raises([*handler.body, *body[0].orelse]) or _hands_on(handler)
        return None if speaks or _self_is_used(task, handler) else handler
    return None


def _is_harmless(statement: ast.stmt) -> bool:
    """A docstring, an import, a constant or a line of the log before or behind the `try`."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(statement, ast.Return):
        return statement.value is None or isinstance(statement.value, (ast.Constant, ast.Name))
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call) and _last(value.func) in SAYING
        )
    return isinstance(statement, ast.Assign) and isinstance(
        statement.value, (ast.Constant, ast.Name, ast.List, ast.Dict, ast.Attribute)
    )


def _hands_on(handler: ast.ExceptHandler) -> bool:
    """Whether the exception or the failure goes somewhere else than into the log."""
    for node in walk(handler.body, nested=True):
        if not isinstance(node, ast.Call):
            continue
        name = _last(node.func)
        if name in SPEAKING:
            return True
        if name not in SAYING and handler.name is not None and name not in ("str", "repr"):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(isinstance(a, ast.Name) and a.id == handler.name for a in given):
                return True
    return False


def _self_is_used(task: Task, handler: ast.ExceptHandler) -> bool:
    name = task.self_name
    return name is not None and escapes(handler.body, name)


def _last(node: ast.expr) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")
