"""A task made of something that is not a plain function.

## What happens

Celery reads the signature from the function's own code when the worker starts. A lambda, a partial
object, a class, a `staticmethod` or `classmethod` object and the object that `functools.cache` or
`async_to_sync` makes have none that it can read: the worker exits.

```python bad
from functools import cache, partial
from celery import shared_task

double = shared_task(lambda x: 2 * x)
                     ^^^^^^^^^^^^^^^ CEL911

@shared_task
@cache
 ^^^^^ CEL911
def rate(currency): ...
```

## Use instead

```python good
from functools import cache
from celery import shared_task

@cache
def _rate(currency): ...

@shared_task
def rate(currency):
    return _rate(currency)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Fact, NotAFunction, Task
from flake8_celery.core.model.find_tasks import UNREADABLE_WRAPPERS


@rule(
    "CEL911",
    "not-a-function",
    pylint="E8730",
    on=(NotAFunction, Task),
    message="%s can't be made a task, the worker exits at start: decorate a plain function",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, NotAFunction):
        yield Problem(fact.node, (fact.what,))
        return
    assert isinstance(fact, Task)
    if not fact.below:
        return
    nearest = fact.below[0]
    func = nearest.func if isinstance(nearest, ast.Call) else nearest
    if isinstance(func, ast.Name) and func.id in ("staticmethod", "classmethod"):
        if fact.region.is_builtin(func.id):
            yield Problem(nearest, (f"the {func.id} object below",))
        return
    name = context.resolve.qualname(func, fact.region)
    if name in UNREADABLE_WRAPPERS:
        yield Problem(nearest, (f"what {ast.unparse(func)} makes",))
