"""A loop that goes on when the task's soft time limit is up.

## What happens

`SoftTimeLimitExceeded` is an `Exception`. It is raised once, wherever the body happens to be; an
`except Exception` inside a loop takes it for a failure of one item and goes on with the next, until
the hard limit kills the process, or for ever where there is none. The time that the soft limit gives
for cleaning up is lost.

```python bad
import logging

from celery import shared_task

@shared_task(soft_time_limit=60, time_limit=90)
def sync(pks):
    for pk in pks:
        try:
            push(pk)
        except Exception:
        ^^^^^^ CEL151
            logging.exception("push %s", pk)
```

## Use instead

```python good
import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

@shared_task(soft_time_limit=60, time_limit=90)
def sync(pks):
    for pk in pks:
        try:
            push(pk)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            logging.exception("push %s", pk)
```

## When to switch it on

Wherever soft limits are used: in the packages that the rules are tried on none of 668 tasks is
told, for hardly any has a soft limit; in readthedocs.org 2 are, and both loops do go on.

## Exceptions

A task without a soft limit, or whose limit can't be told; a handler that raises or leaves the loop; a
handler before it that names `SoftTimeLimitExceeded`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core import flow
from flake8_celery.core.effective import effective, seconds
from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Task

BROAD = frozenset({"Exception", "BaseException"})
SOFT = "SoftTimeLimitExceeded"
LOOPS = (ast.For, ast.While)


@rule(
    "CEL151",
    "soft-limit-swallowed",
    pylint="R8541",
    on=Task,
    default=False,
    message="this swallows SoftTimeLimitExceeded after %s s and the loop goes on: re-raise it in a "
    "handler before",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.function is None or not context.module.says("except"):
        return
    handlers = list(_in_loops(task.function))
    limits = seconds(effective(task, "soft_time_limit", context.model)) if handlers else ()
    for handler in handlers if limits else ():
        line, start = handler.lineno, handler.col_offset
        yield Problem(Span(line, start, line, start + len("except")), (f"{min(limits):g}",))


def _in_loops(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.ExceptHandler]:
    """The handlers inside loops that take every exception and let the loop go on."""
    seen: set[ast.ExceptHandler] = set()
    for loop in flow.walk(function.body):
        if not isinstance(loop, LOOPS):
            continue
        for attempt in flow.walk(loop.body):
            if isinstance(attempt, ast.Try):
                handler = _swallowing(attempt)
                if handler is not None and handler not in seen:
                    seen.add(handler)
                    yield handler


def _swallowing(attempt: ast.Try) -> ast.ExceptHandler | None:
    """The handler of a `try` that takes the soft limit's exception, if it doesn't end the loop."""
    for handler in attempt.handlers:
        names = _names(handler.type)
        if SOFT in names:
            return None
        if handler.type is None or not names.isdisjoint(BROAD):
            leaves = any(
                isinstance(node, (ast.Raise, ast.Return, ast.Break))
                for node in flow.walk(handler.body)
            )
            return None if leaves else handler
    return None


def _names(node: ast.expr | None) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {getattr(part, "id", "") or getattr(part, "attr", "") for part in parts}
