"""A task that ends its process: `sys.exit()`, `os._exit()`, `raise SystemExit`.

## What happens

A task has no process of its own. SystemExit and KeyboardInterrupt are no errors of the task to
Celery: the worker process goes down, the task ends as WorkerLostError, and on a solo or threads pool
the whole worker may stop.

```python bad
import sys
from celery import shared_task

@shared_task
def load(path):
    if not path:
        sys.exit(1)
            ^^^^ CEL921
```

## Use instead

```python good
from celery import shared_task

@shared_task
def load(path):
    if not path:
        raise ValueError("no path")
```

## Exceptions

An exit that the task itself catches, and functions that it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, called_name, dotted, rule
from flake8_celery.core.model import Option, Task
from flake8_celery.core.syntax.flow import walk

#: Calls that raise SystemExit, or end the process at once.
_CALLS: Final = {"sys.exit": True, "os._exit": False, "os.abort": False}
_BUILTINS: Final = frozenset({"exit", "quit"})
_RAISED: Final = frozenset({"SystemExit", "KeyboardInterrupt"})
#: A module with none of these holds no exit, and no body is walked.
_WORDS: Final = ("exit", "Exit", "quit", "abort", "KeyboardInterrupt")


@rule(
    "CEL921",
    "exit-in-task",
    pylint="W8784",
    on=Task,
    words=_WORDS,
    body=True,
    message="%s in the task %s ends the worker process, which may run other tasks: raise an "
    "exception or return",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if not any(context.module.says(word) for word in _WORDS):
        return
    function = task.function
    region = context.model.candidates.scopes.get(function) if function is not None else None
    if function is None or region is None or _retries_exits(task):
        return
    caught: set[ast.AST] = set()
    for node in walk(function.body):
        if isinstance(node, ast.Try):
            if any(_catches_exits(handler) for handler in node.handlers):
                caught.update(walk(node.body))
        elif isinstance(node, ast.Call):
            name, catchable = _exit(node, region, context)
            if name and not (catchable and node in caught):
                yield Problem(called_name(node), (f"{name}()", task.name))
        elif isinstance(node, ast.Raise) and node.exc is not None and node not in caught:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id in _RAISED:
                if region.is_builtin(raised.id):
                    yield Problem(raised, (f"raise {raised.id}", task.name))


def _exit(call: ast.Call, region: Region, context: Context) -> tuple[str, bool]:
    """What a call that ends the process is called, and whether that can be caught."""
    if isinstance(call.func, ast.Name) and call.func.id in _BUILTINS:
        return (call.func.id, True) if region.is_builtin(call.func.id) else ("", False)
    name = context.resolve.qualname(call.func, region) or ""
    return (name, _CALLS[name]) if name in _CALLS else ("", False)


def _catches_exits(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {(dotted(kind) or "BaseException").rpartition(".")[2] for kind in types}
    return not names.isdisjoint({"BaseException", *_RAISED})


def _retries_exits(task: Task) -> bool:
    """Whether the task is retried on exits too, or on something that can't be told."""
    option = task.option("autoretry_for")
    if not isinstance(option, Option):
        return False
    named = {(dotted(node) or "").rpartition(".")[2] for node in ast.walk(option.value)}
    return not named.isdisjoint({"BaseException", *_RAISED})
