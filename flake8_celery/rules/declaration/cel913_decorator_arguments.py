"""A task decorator is given its name by position.

## What happens

`@app.task("name")` raises `TypeError: argument 1 to @task() must be a callable` at import,
`@shared_task("name")` another TypeError.

```python bad
from celery import shared_task

@shared_task("shop.sync")
             ^^^^^^^^^^^ CEL913
def sync(pk): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(name="shop.sync")
def sync(pk): ...
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Task

_NOT_CALLABLE = frozenset({"str", "int", "float", "bool", "none", "list", "tuple", "dict"})


@rule(
    "CEL913",
    "decorator-arguments",
    pylint="E8732",
    on=Task,
    message="a task decorator takes no argument by position, TypeError at import: write %s",
    raises=("TypeError",),
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style in ("class", "project") or task.decorator is None:
        return
    for argument in task.arguments.positional[:1]:
        kind = context.only(argument, task.options_region, _NOT_CALLABLE)
        if kind:
            yield Problem(argument, ("name=..." if kind == "str" else "it as name=value",))
