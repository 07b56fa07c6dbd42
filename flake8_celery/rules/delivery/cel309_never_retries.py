"""Retry options on a task that nothing retries.

## What happens

`max_retries` and `default_retry_delay` say how a task is retried, not that it is. Without
`autoretry_for` and without a `retry()` in the body the first exception is the end: FAILURE, after one
run.

```python bad
from celery import shared_task

@shared_task(max_retries=5, default_retry_delay=60)
             ^^^^^^^^^^^ CEL309
def push(order):
    send(order)
```

## Use instead

```python good
from celery import shared_task

@shared_task(autoretry_for=(OSError,), max_retries=5, default_retry_delay=60)
def push(order):
    send(order)

@shared_task(bind=True, max_retries=5)
def pull(self, order):
    try:
        fetch(order)
    except OSError as err:
        raise self.retry(exc=err)
```

## Exceptions

`max_retries=0`, which says so; a base class that gives `autoretry_for`, retries by itself or
can't be read; a decorator below the task's; a body or a base class that hands the task on; a body
that reads the option or calls anything that speaks of retries; a module that speaks of
`current_task`.

```python good
from celery import shared_task

@shared_task(bind=True, max_retries=5)
def push(self, order):
    send_or_retry(self, order)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import ABSENT, Task
from flake8_celery.core.syntax.flow import escapes, walk

OPTIONS = ("max_retries", "default_retry_delay")


@rule(
    "CEL309",
    "never-retries",
    pylint="W8528",
    on=Task,
    words=OPTIONS,
    message="%s does nothing: no autoretry_for and no retry() in the body, so %s is never retried; "
    "give autoretry_for, or call retry()",
    body=True,
    yields_to=("CEL304",),
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    keywords = task.arguments.keywords
    given = [keywords[name] for name in OPTIONS if name in keywords]
    if not given or task.function is None or task.below or task.style == "project":
        return
    if not any(isinstance(node, ast.Call) for node in walk(task.function.body)):
        return  # nothing in it that could fail in another way the next time
    zero = keywords.get("max_retries")
    if zero is not None:
        values = context.resolve.values(zero.value, task.options_region)
        if not values or any(value == 0 for value in values):  # type: ignore[union-attr]
            return
    if task.option("autoretry_for") is not ABSENT or _may_retry(task, context):
        return
    first = min(given, key=lambda keyword: (keyword.lineno, keyword.col_offset))
    yield Problem(keyword_name(first), (first.arg, task.name))


def _may_retry(task: Task, context: Context) -> bool:
    """Whether the body, or anything that the body or the worker hands the task to, may retry."""
    assert task.function is not None
    body = task.function.body
    if context.module.says("current_task") or task.self_escapes or escapes(body, task.name):
        return True
    base = task.base
    if not base.sets_no("autoretry_for") or any(
        _speaks_of_retries(statement) for statement in body
    ):
        return True
    return any(_speaks_of_retries(m) or _hands_itself_on(m) for m in base.methods.values())


def _hands_itself_on(method: ast.AST) -> bool:
    """Whether a method gives the task to a function; `super(Base, self)` is none."""
    arguments = getattr(method, "args", None)
    first = [*arguments.posonlyargs, *arguments.args] if arguments is not None else []
    body = [
        node
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "super"
    ]
    given = [a for call in body for a in (*call.args, *(k.value for k in call.keywords))]
    return bool(first) and any(isinstance(a, ast.Name) and a.id == first[0].arg for a in given)


def _speaks_of_retries(node: ast.AST) -> bool:
    return any(
        isinstance(inner, ast.Attribute)
        and (inner.attr in OPTIONS or "retr" in inner.attr or inner.attr == "request_stack")
        for inner in ast.walk(node)
    )
