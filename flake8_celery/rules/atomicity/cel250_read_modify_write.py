"""A counter read, changed in Python and written back.

## What happens

Two runs that read 5 at the same time both write 6: tasks run in parallel, and one that is delivered
twice counts twice or not at all. `save()` writes every other field back too, as it was when the row
was read.

```python bad
from celery import shared_task
from shop.models import Product

@shared_task
def count_view(pk):
    product = Product.objects.get(pk=pk)
    product.views += 1
    ^^^^^^^^^^^^^ CEL250
    product.save()
```

## Use instead

Let the database add, or lock the row.

```python good
from celery import shared_task
from django.db import transaction
from django.db.models import F
from shop.models import Product

@shared_task
def count_view(pk):
    Product.objects.filter(pk=pk).update(views=F("views") + 1)

@shared_task
def take(pk, amount):
    with transaction.atomic():
        product = Product.objects.select_for_update().get(pk=pk)
        product.stock -= amount
        product.save(update_fields=["stock"])
```

## When to switch it on

Where tasks count, or move money or stock. In the packages that the rules are tried on
1 of 668 tasks is told, and right: two workers that append to one log lose lines.

## Exceptions

`F()`, `select_for_update`, a body or block under `transaction.atomic` (which alone is no lock, but
whoever opened it has most likely thought of one), and objects that are not seen to come from a query
or that the task has just created.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Body, body_of
from flake8_celery.core.bodies.queries import is_created, is_instance
from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.flow import walk

SAVING = frozenset({"save", "asave"})
LOCKING = "select_for_update"


@rule(
    "CEL250",
    "read-modify-write",
    pylint="R8543",
    on=Task,
    default=False,
    message="%s is read, changed and written back: of two runs at once one is lost; use F(), or "
    "select_for_update()",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.function is None or not context.module.says("save("):
        return
    body = body_of(task.function, context.model)
    if body is None:
        return
    changed = [
        target for node in walk(task.function.body) if (target := _changed(node)) is not None
    ]
    if not changed or context.for_development or _is_guarded(task.function):
        return
    for target in changed:
        if _is_saved_after(target, body, context):
            yield Problem(target, (ast.unparse(target),))


def _changed(node: ast.AST) -> ast.Attribute | None:
    """The attribute that a statement sets to something made of its own value."""
    if isinstance(node, ast.AugAssign):
        target: ast.expr = node.target
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        target = node.targets[0]
        written = ast.unparse(target)
        if not any(
            isinstance(i, ast.Attribute) and ast.unparse(i) == written for i in ast.walk(node.value)
        ):
            return None
    else:
        return None
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return None
    calls = (inner for inner in ast.walk(node.value) if isinstance(inner, ast.Call))
    return None if any(_last(call.func) == "F" for call in calls) else target


def _is_saved_after(target: ast.Attribute, body: Body, context: Context) -> bool:
    name = target.value
    assert isinstance(name, ast.Name)
    for call in body.calls:
        func = call.node.func
        if (
            isinstance(func, ast.Attribute)
            and func.attr in SAVING
            and isinstance(func.value, ast.Name)
            and func.value.id == name.id
            and func.lineno >= target.lineno
        ):
            return is_instance(func.value, call.region, context.model) and not is_created(
                func.value, call.region
            )
    return False


def _is_guarded(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function locks rows, or opens something called `atomic`."""
    nodes = list(walk(function.body))
    if any(isinstance(node, ast.Attribute) and node.attr == LOCKING for node in nodes):
        return True
    blocks = [node for node in nodes if isinstance(node, ast.With)]
    opened = [item.context_expr for node in blocks for item in node.items]
    return any(
        _last(node.func if isinstance(node, ast.Call) else node) == "atomic"
        for node in (*function.decorator_list, *opened)
    )


def _last(node: ast.expr) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")
