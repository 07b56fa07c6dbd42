"""`update_state(state="SUCCESS")` by a task that goes on.

## What happens

SUCCESS is final. Whoever waits for the result gets it here, while the task still runs; and a
key-value backend (Redis, a cache, the file system) then drops what the task returns or raises.

```python bad
from celery import shared_task

@shared_task(bind=True)
def total(self, numbers):
    self.update_state(state="SUCCESS", meta={"done": len(numbers)})
                            ^^^^^^^^^ CEL922
    return sum(numbers)
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def total(self, numbers):
    self.update_state(state="PROGRESS", meta={"done": len(numbers)})
    return sum(numbers)
```

## Exceptions

An update that is the last thing the task does, or is followed by `raise Ignore()`, which keeps it.
A bare `return` and log lines count as nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from flake8_celery.core.engine import Context, Problem, dotted, rule
from flake8_celery.core.model import StateUpdate
from flake8_celery.core.syntax.regions import DefinitionNode

_LOG = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log", "print"})
_KEEPING = frozenset({"Ignore", "Reject"})


@rule(
    "CEL922",
    "early-final-state",
    pylint="W8785",
    on=StateUpdate,
    body=True,
    message="SUCCESS is final: readers stop waiting here, and a backend such as Redis drops what "
    "the task %s later: use a state of your own",
)
def check(fact: StateUpdate, context: Context) -> Iterator[Problem]:
    place = fact.arguments.get("state", 1)
    task = context.model.own_body_of(fact.region)
    if task is None or task.function is None or place is None or not _is_own(fact):
        return
    if not context.every(place, fact.region, lambda value: value == "SUCCESS"):
        if context.resolve.qualname(place, fact.region) != "celery.states.SUCCESS":
            return
    backend = context.configuration(task).backend
    if backend is not None and backend.name == "disabled":
        return
    found = _after(task.function.body, fact.statement)
    if found is not None and found[0]:
        returned = any(isinstance(node, ast.Return) for node in found[0])
        yield Problem(place, ("returns" if returned else "does or raises",))


def _is_own(fact: StateUpdate) -> bool:
    """Whether it is the state of the very task: no `task_id`, or its own."""
    node = fact.arguments.get("task_id", 0)
    if node is None:
        return not fact.arguments.splat and not fact.arguments.splat_keywords
    if isinstance(node, ast.Constant):
        return node.value is None
    return (dotted(node) or "").endswith(".request.id")


def _after(block: Sequence[ast.stmt], goal: ast.stmt) -> tuple[list[ast.stmt], bool] | None:
    """What matters and may run after `goal`, and whether the task surely ends in this block.

    None where `goal` is not in the block. What cleans up in a `finally` does not count.
    """
    for index, statement in enumerate(block):
        if statement is goal:
            found: tuple[list[ast.stmt], bool] | None = [], isinstance(goal, ast.Return)
        else:
            found = _inside(statement, goal)
        if found is not None:
            return _rest(block[index + 1 :], *found)
    return None


def _inside(statement: ast.stmt, goal: ast.stmt) -> tuple[list[ast.stmt], bool] | None:
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        inner = getattr(statement, name, ())
        if isinstance(statement, DefinitionNode):
            return None
        blocks = (
            [getattr(i, "body", ()) for i in inner] if name in ("handlers", "cases") else [inner]
        )
        for block in blocks:
            found = _after(block, goal)
            if found is not None and isinstance(statement, ast.Try) and name == "body":
                return _rest(statement.orelse, *found)
            if found is not None:
                return found
    return None


def _rest(
    block: Sequence[ast.stmt], after: list[ast.stmt], ended: bool
) -> tuple[list[ast.stmt], bool]:
    for later in block:
        if ended or isinstance(later, (ast.Break, ast.Continue)):
            break
        ended = isinstance(later, (ast.Return, ast.Raise))
        if not _is_nothing(later):
            after.append(later)
    return after, ended


def _is_nothing(statement: ast.stmt) -> bool:
    """Whether a statement changes nothing: `return None`, `raise Ignore()`, a log line, `pass`."""
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or (isinstance(value, ast.Constant) and value.value is None)
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return raised is not None and (dotted(raised) or "").rpartition(".")[2] in _KEEPING
    if isinstance(statement, ast.Expr):
        value = statement.value
        called = value.func if isinstance(value, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        return isinstance(value, ast.Constant) or name in _LOG
    return isinstance(statement, ast.Pass)
