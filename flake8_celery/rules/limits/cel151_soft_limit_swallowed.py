"""An `except Exception` that swallows the end of the task's soft time limit.

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

The same around the whole body: the task that ran out of time counts as succeeded.

```python bad
import logging

from celery import shared_task

@shared_task(soft_time_limit=60, time_limit=90)
def report(month):
    try:
        write(month)
    except Exception:
    ^^^^^^ CEL151
        logging.exception("report of %s", month)
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

A task without a soft limit, or whose limit can't be told; a handler that raises, retries or leaves the loop; a
handler before it that names `SoftTimeLimitExceeded`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import Function, Task
from flake8_celery.core.settings.effective import effective, seconds
from flake8_celery.core.syntax.flow import raises, walk

BROAD = frozenset({"Exception", "BaseException"})
SOFT = "SoftTimeLimitExceeded"
LOOPS = (ast.For, ast.While)


@rule(
    "CEL151",
    "soft-limit-swallowed",
    pylint="R8541",
    on=Task,
    default=False,
    message="this swallows SoftTimeLimitExceeded after %s s and %s: re-raise it in a handler before",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.function is None or not context.module.says("except"):
        return
    limits = seconds(effective(task, "soft_time_limit", context.model))
    if not limits:
        return
    handlers = dict.fromkeys(_in_loops(task.function), "the loop goes on")
    for handler in _around_most(task.function):
        handlers.setdefault(handler, "the task counts as succeeded")
    for handler, told in handlers.items():
        line, start = handler.lineno, handler.col_offset
        place = Span(line, start, line, start + len("except"))
        yield Problem(place, (f"{min(limits):g}", told))


def _in_loops(function: Function) -> Iterator[ast.ExceptHandler]:
    """The handlers inside loops that take every exception and let the loop go on."""
    for loop in walk(function.body):
        if isinstance(loop, LOOPS):
            for attempt in walk(loop.body):
                handler = _swallowing(attempt) if isinstance(attempt, ast.Try) else None
                if handler is not None and not _leaves(handler):
                    yield handler


def _around_most(function: Function) -> Iterator[ast.ExceptHandler]:
    """The handler that takes every exception of a `try` that holds most of the body."""
    for attempt in function.body:
        handler = _swallowing(attempt) if isinstance(attempt, ast.Try) else None
        if handler is None or not isinstance(attempt, ast.Try):
            continue
        others = [each for each in function.body if each is not attempt]
        if _size(attempt.body) >= _size(others) and not raises(handler.body):
            retries = (n for n in walk(handler.body) if isinstance(n, ast.Attribute))
            if not any(node.attr == "retry" for node in retries):
                yield handler


def _size(body: list[ast.stmt]) -> int:
    return sum(isinstance(node, ast.stmt) for node in walk(body))


def _leaves(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends the loop that it stands in."""
    leaving = (ast.Raise, ast.Return, ast.Break)
    return any(isinstance(node, leaving) for node in walk(handler.body))


def _swallowing(attempt: ast.Try) -> ast.ExceptHandler | None:
    """The handler of a `try` that takes the soft limit's exception with all others."""
    for handler in attempt.handlers:
        names = _names(handler.type)
        if SOFT in names:
            return None
        if handler.type is None or not names.isdisjoint(BROAD):
            return handler
    return None


def _names(node: ast.expr | None) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {getattr(part, "id", "") or getattr(part, "attr", "") for part in parts}
