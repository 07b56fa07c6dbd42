"""An option that the project wants on no task, call or retry.

## What happens

What your project says: `celery-forbid` names the options, with or without a value.

```ini
[flake8]
celery-forbid =
    priority
    max_retries=None
    autoretry_for=Exception
    time_limit>600 @ shop/mail/*
```

```python bad celery-forbid=priority,max_retries=None
from celery import shared_task

@shared_task(max_retries=None)
                         ^^^^ CEL991
def charge(order_id): ...

charge.apply_async((1,), priority=9)
                         ^^^^^^^^ CEL991
```

## Use instead

```python good celery-forbid=priority,max_retries=None
from celery import shared_task

@shared_task(max_retries=5, queue="urgent")
def charge(order_id): ...

charge.apply_async((1,))
```

## Exceptions

Values that can't be told. A name behind `=` means that name, also in a list or tuple, or the text:
`serializer=pickle`. An option from a Task class of another file is told at each task that it holds for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import (
    Context,
    Problem,
    Region,
    Span,
    Unknown,
    called_name,
    defined_name,
    dotted,
    keyword_name,
    rule,
)
from flake8_celery.core.model import Dispatch, Fact, Option, Retry, Task
from flake8_celery.core.model.purpose import in_force
from flake8_celery.policy import Item


@rule(
    "CEL991",
    "forbidden-option",
    pylint="R8795",
    on=(Task, Dispatch, Retry),
    option="celery-forbid",
    message="%s is forbidden by celery-forbid%s: take it out%s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    forbidden = context.options.celery_forbid
    for item in in_force(forbidden, context.model) if forbidden else ():
        where = f" in {' '.join(item.paths)}" if item.paths else ""
        if isinstance(fact, Task):
            option = fact.option(item.name)
            if isinstance(option, Option) and _is_meant(item, option.value, option.region, context):
                place = _place(fact, option, item, context)
                told = " of its Task class" if _is_elsewhere(fact, option) else ""
                yield Problem(place, (item.text, where, told))
            continue
        assert isinstance(fact, (Dispatch, Retry))
        given = fact.options if isinstance(fact, Dispatch) else fact.arguments.keywords
        keyword = given.get(item.name)
        if keyword is not None and _is_meant(item, keyword.value, fact.region, context):
            place = keyword.value if item.sign else keyword_name(keyword)
            yield Problem(place, (item.text, where, ""))


def _is_meant(item: Item, node: ast.expr, region: Region, context: Context) -> bool:
    """Whether every value that an option may have is a forbidden one."""
    if not item.sign or context.every(node, region, item.forbids):
        return True
    if item.literal:
        return False
    expressions = context.resolve.expressions(node, region)
    if isinstance(expressions, Unknown):
        return False
    return bool(expressions) and all(_names(item, *place, context) for place in expressions)


def _names(item: Item, node: ast.expr, region: Region, context: Context) -> bool:
    """Whether an expression is the forbidden name, or a display that holds it."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    for part in parts:
        known = {dotted(part), context.resolve.qualname(part, region)} - {None}
        if any(name == item.value or str(name).endswith(f".{item.value}") for name in known):
            return True
    return False


def _is_elsewhere(task: Task, option: Option) -> bool:
    return option.region.module is not task.region.module


def _place(task: Task, option: Option, item: Item, context: Context) -> ast.AST | Span:
    if not _is_elsewhere(task, option):
        return option.value if item.sign or option.keyword is None else keyword_name(option.keyword)
    if task.style == "class":
        return defined_name(task.node, context.module)
    return called_name(task.call or task.decorator or task.node)
