"""Automatic retries that catch what was meant to end the task.

## What happens

`autoretry_for=(Exception,)` catches `SoftTimeLimitExceeded` and `Reject` too: the soft limit does not
end the task but starts it again, to run into the limit once more, and a message that the body
rejects is not rejected but sent again. `BaseException` catches `SystemExit` and `KeyboardInterrupt`
besides.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(Exception,), retry_backoff=True, soft_time_limit=30)
                            ^^^^^^^^^ CEL306
def report(month): ...
```
```python bad
from celery import shared_task
from celery.exceptions import Reject

@shared_task(bind=True, autoretry_for=(Exception,), acks_late=True)
                                       ^^^^^^^^^ CEL306
def charge(self, order):
    if order is None:
        raise Reject("no such order", requeue=False)
```

## Use instead

The exceptions that a second try can cure; or, from Celery 5.3 on, `dont_autoretry_for`.

```python good
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

@shared_task(autoretry_for=(ConnectionError, TimeoutError), retry_backoff=True, soft_time_limit=30)
def report(month): ...

@shared_task(
    autoretry_for=(Exception,),
    dont_autoretry_for=(SoftTimeLimitExceeded,),
    retry_backoff=True,
    soft_time_limit=30,
)
def weekly(week): ...
```

## Exceptions

A body that catches `SoftTimeLimitExceeded` itself, `max_retries=0`, and a soft limit that can't be
told. `Exception` alone, with nothing in sight that must get through, is CEL356, off by default.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import ABSENT, Option, Raise, Task
from flake8_celery.core.settings.effective import effective, seconds
from flake8_celery.core.syntax.flow import walk

SOFT = "SoftTimeLimitExceeded"
COVERS = {
    SOFT: frozenset({SOFT, "Exception"}),
    "Reject": frozenset({"Reject", "TaskPredicate", "CeleryError", "Exception"}),
}


@rule(
    "CEL306",
    "autoretry-too-broad",
    pylint="W8519",
    on=Task,
    words=("autoretry_for",),
    message="%s catches %s too: %s; name what a second try can cure, or give dont_autoretry_for",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    given = task.own("autoretry_for")
    if given is None:
        return
    limit = task.own("max_retries")
    if limit is not None and context.every(limit.value, limit.region, lambda value: value == 0):
        return
    for member, name in _members(given, context):
        if name == "BaseException":
            told = "the worker can't end the task"
            yield Problem(member, (name, "SystemExit and KeyboardInterrupt", told))
        elif name == "Exception":
            spared = _spared(task, context)
            if spared is None:
                return
            for what, told in _let_through(task, context):
                if spared.isdisjoint(COVERS[what]):
                    yield Problem(member, (name, what, told))
                    break


def _members(given: Option, context: Context) -> Iterator[tuple[ast.expr, str]]:
    """The members that name a builtin exception."""
    if not isinstance(given.value, (ast.Tuple, ast.List)):
        return
    for member in given.value.elts:
        if isinstance(member, ast.Name) and given.region.is_builtin(member.id):
            yield member, member.id


def _spared(task: Task, context: Context) -> frozenset[str] | None:
    """The last names of what is not retried; None where they can't be told."""
    given = task.option("dont_autoretry_for")
    if given is ABSENT:
        return frozenset()
    if not isinstance(given, Option) or not isinstance(given.value, (ast.Tuple, ast.List)):
        return None
    names = [context.resolve.qualname(node, given.region) for node in given.value.elts]
    names = [
        name or (node.id if isinstance(node, ast.Name) else None)
        for name, node in zip(names, given.value.elts, strict=True)
    ]
    if None in names:
        return None
    return frozenset((name or "").rpartition(".")[2] for name in names)


def _let_through(task: Task, context: Context) -> Iterator[tuple[str, str]]:
    """What has to get through: the exception, and what happens as it doesn't."""
    caught = task.function is not None and SOFT in {
        name
        for node in walk(task.function.body, nested=True)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for name in _last_names(node.type)
    }
    limits = seconds(effective(task, "soft_time_limit", context.model))
    if limits and not caught:
        yield SOFT, f"the soft limit of {min(limits):g} s starts the task again"
    for fact in context.model.of(Raise):
        if fact.task is task and fact.name == "Reject":
            yield "Reject", "the message is sent again instead of rejected"


def _last_names(node: ast.expr) -> set[str]:
    return {
        getattr(part, "id", "") or getattr(part, "attr", "")
        for part in (node.elts if isinstance(node, ast.Tuple) else (node,))
    }
