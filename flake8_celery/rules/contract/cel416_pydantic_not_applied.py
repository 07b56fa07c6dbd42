"""A parameter whose models `pydantic=True` does not make.

## What happens

`pydantic=True` looks at a parameter whose annotation *is* a model, and at no other. Under `list[Order]`
or `dict[str, Order]` the body gets plain dicts that nobody has checked; with `*orders: Order` the tuple of
all of them is checked as if it were one, and every run fails.

```python bad
from celery import shared_task
from pydantic import BaseModel

class Order(BaseModel):
    pk: int

@shared_task(pydantic=True)
def ship(orders: list[Order]):
                 ^^^^^^^^^^^ CEL416
    return [order["pk"] for order in orders]

@shared_task(pydantic=True)
def pay(*orders: Order):
                 ^^^^^ CEL416
    return len(orders)
```

## Use instead

A model that holds them.

```python good
from celery import shared_task
from pydantic import BaseModel

class Order(BaseModel):
    pk: int

class Orders(BaseModel):
    orders: list[Order]

@shared_task(pydantic=True)
def ship(given: Orders, first: Order | None = None):
    return [order.pk for order in given.orders]
```

## Exceptions

Tasks without `pydantic=True`; classes that can't be seen to be models.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.model_classes import is_pydantic
from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.model import Option, Task
from flake8_celery.core.syntax.regions import parameters_of
from flake8_celery.tables.orm import CONTAINERS

_TABLES = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict"})


@rule(
    "CEL416",
    "pydantic-not-applied",
    pylint="W8637",
    on=Task,
    words=("pydantic",),
    message="pydantic=True makes no %s of %s: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    option = task.own("pydantic")
    if not isinstance(option, Option) or not isinstance(task.parameters, ast.arguments):
        return
    if not context.every(option.value, option.region, lambda value: value is True):
        return
    arguments = task.parameters
    for parameter in parameters_of(arguments):
        annotation = parameter.annotation
        if annotation is None:
            continue
        if parameter in (arguments.vararg, arguments.kwarg):
            if is_pydantic(context.model.resolver, annotation, task.region):
                name = ast.unparse(annotation)
                sign = "*" if parameter is arguments.vararg else "**"
                told = "every run fails; take one model"
                yield Problem(annotation, (name, f"{sign}{parameter.arg}", told))
            continue
        held = _held(annotation, task.region, context)
        if held is not None:
            told = "plain dicts arrive unchecked; take a model that holds them"
            yield Problem(annotation, (ast.unparse(held), f"what {parameter.arg} holds", told))


def _held(annotation: ast.expr, region: Region, context: Context) -> ast.expr | None:
    """The model that a container's annotation says it holds."""
    if not isinstance(annotation, ast.Subscript):
        return None
    outer = annotation.value
    name = outer.id if isinstance(outer, ast.Name) else getattr(outer, "attr", "")
    inner = annotation.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name in _TABLES:
        parts = parts[1:]
    elif name not in CONTAINERS:
        return None
    for part in parts[:1]:
        if is_pydantic(context.model.resolver, part, region):
            return part
    return None
