"""The result of a task whose results are ignored.

## What happens

Nothing is stored: `.get()` gives None at once, whatever the task returns and even before it has run;
`.result` is None, and the state stays PENDING.

```python bad
from celery import shared_task

@shared_task(ignore_result=True)
def load(path):
    return len(path)

def now(path):
    rows = load.delay(path).get(timeout=30)
                            ^^^ CEL408
    return f"{rows} rows"

def later(path):
    sent = load.delay(path)
    if sent.successful():
            ^^^^^^^^^^ CEL408
        return sent.result
                    ^^^^^^ CEL408
```

## Use instead

```python good
from celery import shared_task

@shared_task
def load(path):
    return len(path)

@shared_task(ignore_result=True)
def warm(path): ...

def now(path):
    rows = load.delay(path).get(timeout=30)
    warm.delay(path).forget()
    return f"{rows} rows, {warm.apply_async((path,), ignore_result=False).get()}"
```

## Exceptions

A call that says `ignore_result=False`, and `apply()`, which runs the task here and now. Without
`ignore_result` of its own a task goes by the settings, as far as they can be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import ABSENT, Dispatch, Option, Task
from flake8_celery.core.syntax.flow import walk

_SENT: Final = frozenset({"delay", "apply_async"})
_CALLED: Final = frozenset(
    {"get", "wait", "join", "join_native", "collect", "ready", "successful", "failed"}
)
_READ: Final = frozenset({"result", "state", "status", "traceback", "info"})
_OPTION: Final = "ignore_result"


@rule(
    "CEL408",
    "ignored-result-read",
    pylint="E8635",
    on=Dispatch,
    message="%s ignores its result%s, so %s is %s: drop ignore_result",
    body=True,
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is None or fact.method not in _SENT or fact.on == "signature":
        return
    reads = list(_reads(fact, context))
    if not reads or context.for_development:
        return
    why = _ignored(fact, context)
    if why is None:
        return
    for attribute in reads:
        gives = "None at once" if attribute.attr in _CALLED else "None"
        if attribute.attr in ("ready", "successful", "failed"):
            gives = "never true"
        elif attribute.attr in ("state", "status"):
            gives = "PENDING for ever"
        yield Problem(called_name(attribute), (fact.name, why, attribute.attr, gives))


def _reads(fact: Dispatch, context: Context) -> Iterator[ast.Attribute]:
    """Where the result's value or state is asked for."""
    assert fact.call is not None
    holder = context.module.parent(fact.call, fact.statement)
    if isinstance(holder, ast.Attribute):
        above = context.module.parent(holder, fact.statement)
        if _asks(holder, above):
            yield holder
        return
    if not isinstance(holder, ast.Assign) or len(holder.targets) != 1:
        return
    target, scope = holder.targets[0], fact.region.scope
    body = getattr(scope.node, "body", None)
    if not isinstance(target, ast.Name) or not isinstance(body, list):
        return
    if len(scope.bindings.get(target.id, ())) != 1:
        return
    called = {node.func: node for node in walk(body, nested=True) if isinstance(node, ast.Call)}
    for node in walk(body, nested=True):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == target.id and _asks(node, called.get(node)):
                yield node


def _asks(attribute: ast.Attribute, above: ast.AST | None) -> bool:
    if attribute.attr in _READ:
        return True
    return attribute.attr in _CALLED and isinstance(above, ast.Call) and above.func is attribute


def _ignored(fact: Dispatch, context: Context) -> str | None:
    """What makes the result ignored, for the message; None where it may be stored."""
    given = fact.options.get(_OPTION)
    if given is not None:
        return " (said here)" if context.every(given.value, fact.region, _is_true) else None
    task = fact.resolved_task()
    if fact.arguments.splat_keywords and fact.method == "apply_async":
        return None
    if task is None:
        return None
    option = task.option(_OPTION)
    if isinstance(option, Option):
        values = task.option_values(option)
        return "" if values and all(_is_true(value) for value in values) else None  # type: ignore[union-attr]
    return _by_settings(task, context) if option is ABSENT else None


def _by_settings(task: Task, context: Context) -> str | None:
    configuration = context.configuration(task)
    values = configuration.values("task_ignore_result")
    return " by the settings" if values == (True,) else None


def _is_true(value: object) -> bool:
    return value is True
