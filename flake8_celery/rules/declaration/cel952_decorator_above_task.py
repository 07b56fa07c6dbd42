"""A decorator above the task's own.

## What happens

Decorators run from below: the task is made of the function as it is, and what stands above wraps
the task. The worker runs the function without it: no transaction, no lock, no retry. And what the
module's name then means is the wrapper, which has no `delay`.

```python bad
from celery import shared_task
from django.db import transaction

@transaction.atomic
             ^^^^^^ CEL952
@shared_task
def charge(order_id): ...
```

## Use instead

```python good
from celery import shared_task
from django.db import transaction

@shared_task
@transaction.atomic
def charge(order_id): ...
```

## Exceptions

Decorators that return what they get (registries), those whose code is not in sight and that are not
known to wrap, `staticmethod` and `classmethod`, other task decorators, and signals. Where a name so
wrapped is sent with `.delay`, CEL925 says so. Of 45 such decorators in 70 projects 8 wrapped, all on
purpose: switch it on for new code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, called_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.model.naming import KEEPS_NAME
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.flow import walk

#: Decorators of other packages that return a wrapper.
_WRAPPING = KEEPS_NAME | {
    "contextlib.suppress",
    "django.db.transaction.non_atomic_requests",
    "functools.cache",
    "functools.lru_cache",
    "functools.singledispatch",
    "retry.retry",
    "retrying.retry",
    "sentry_sdk.trace",
}


@rule(
    "CEL952",
    "decorator-above-task",
    pylint="R8788",
    on=Task,
    default=False,
    yields_to=("CEL925",),
    message="%s stands above the task decorator, the worker runs %s without it: put it below",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    makers = [other.decorator for other in task.again]
    for decorator in task.above:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        if decorator not in makers and _wraps(decorator, task, context):
            yield Problem(called_name(decorator), (ast.unparse(func), task.name))


def _wraps(decorator: ast.expr, task: Task, context: Context) -> bool:
    """Whether a decorator is seen, or known, to put something else in the task's place."""
    call = decorator if isinstance(decorator, ast.Call) else None
    func = call.func if call is not None else decorator
    if context.resolve.qualname(func, task.region) in _WRAPPING:
        return True
    found = context.model.function_at(func, task.region)
    function = found[0] if found is not None else None
    if function is None or function.decorator_list:
        return False
    if call is not None:
        function = _returned(function)
    return function is not None and _returned(function) is not None


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | None:
    """The function defined inside another that this always returns."""
    inner = {
        node.name: node
        for node in walk(function.body)
        if isinstance(node, FunctionNode) and isinstance(node, ast.FunctionDef)
    }
    returned = syntax_flow.returned(function)
    names = {node.id if isinstance(node, ast.Name) else "" for node in returned}
    return inner.get(names.pop()) if len(names) == 1 else None
