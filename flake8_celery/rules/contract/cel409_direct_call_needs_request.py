"""A task called like a function, which asks for the message that it came by.

## What happens

Called directly a task has no message: `self.request.id` is None. `update_state` then raises ValueError
where results are kept by their ids, as on Redis, and `AsyncResult(self.request.id)` raises everywhere.

```python bad celery-backend=redis
from celery import shared_task

@shared_task(bind=True)
def load(self, path):
    self.update_state(state="PROGRESS", meta={"done": 0})
    return len(path)

def now(path):
    return load(path)
           ^^^^ CEL409
```

## Use instead

A plain function for the work, or a question before the state is told.

```python good celery-backend=redis
from celery import shared_task

@shared_task(bind=True)
def load(self, path):
    if not self.request.called_directly:
        self.update_state(state="PROGRESS", meta={"done": 0})
    return len(path)

def now(path):
    return load(path)
```

## Exceptions

A body that asks about `self.request` in a condition; `update_state` where the backend is not known to
be Redis, a cache or the filesystem; tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, dotted, rule
from flake8_celery.core.model import Arguments, Task, TaskCall
from flake8_celery.core.syntax.flow import walk

#: Backends that keep results by id, each seen to refuse None.
_BACKENDS: Final = frozenset({"redis", "cache", "filesystem"})


@rule(
    "CEL409",
    "direct-call-needs-request",
    pylint="E8636",
    on=TaskCall,
    message="%s is called directly and has no id: its %s raises ValueError",
    body=True,
    raises=("ValueError",),
)
def check(fact: TaskCall, context: Context) -> Iterator[Problem]:
    task = fact.resolved_task()
    if task is None or task.self_name is None or context.for_development:
        return
    what = _needs_id(task, context)
    if what:
        yield Problem(fact.call.func, (task.name, what))


def _needs_id(task: Task, context: Context) -> str:
    """What the body does that raises without an id; empty where nothing does, or it asks first."""
    assert task.function is not None
    own = task.self_name
    asked: ast.AST | None
    found = ""
    for node in walk(task.function.body):
        asked = node if isinstance(node, ast.BoolOp) else getattr(node, "test", None)
        if asked is not None and f"{own}.request" in ast.unparse(asked):
            return ""
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func) or ""
        if name == f"{own}.update_state" and Arguments(node).lacks("task_id", 0):
            backend = context.configuration(task).backend
            given = context.options.celery_backend
            if (given or (backend.name if backend is not None else "")) in _BACKENDS:
                found = "update_state"
        elif name.rpartition(".")[2] == "AsyncResult" and node.args:
            if dotted(node.args[0]) == f"{own}.request.id":
                found = "AsyncResult(self.request.id)"
    return found
