"""A task returns something that the JSON result serializer can't carry.

## What happens

The task does its work, then storing the result raises EncodeError: the task is marked FAILURE, and
what waits for it, a chain or a chord, sees an error.

```python bad celery-backend=redis
from celery import shared_task

@shared_task
def names(users):
    return {user for user in users}
           ^^^^^^^^^^^^^^^^^^^^^^^^ CEL407
```

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")

@app.task
def names(users):
    return {user for user in users}
           ^^^^^^^^^^^^^^^^^^^^^^^^ CEL407
```

## Use instead

```python good celery-backend=redis
from celery import shared_task

@shared_task
def names(users):
    return sorted({user for user in users})

@shared_task(ignore_result=True)
def notify(users):
    return {user for user in users}
```

## Exceptions

Reported only where `celery-backend` or the settings name a backend that was seen to do so: redis, cache or
filesystem.
Silent where results may be ignored or another serializer may be set.

```python good
from celery import shared_task

@shared_task
def names(users):
    return {user for user in users}
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.messages.serialisation import default_is_json, fate, registers_nothing
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.flow import returned

#: Backends that encode a result as text, each seen to refuse one.
_BACKENDS: Final = frozenset({"redis", "cache", "filesystem"})
#: Options that change what is stored, or how.
_DECIDING: Final = ("ignore_result", "backend")
_MODEL: Final = "a pydantic model"


@rule(
    "CEL407",
    "unserialisable-result",
    pylint="E8607",
    on=Task,
    words=("return",),
    message="%s can't be stored as JSON%s: the task does its work and then fails with EncodeError",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    model = context.model
    if task.function is None:
        return
    region = model.candidates.scopes.get(task.function)
    if region is None or task.below or model.yields_of(task.function):
        return
    found = [
        problem
        for value in returned(task.function)
        if (problem := fate(value, region, model.resolver)) is not None
        and (problem.what != _MODEL or _is_stored_as_it_is(task, value, problem.node, context))
    ]
    where = _where(task, context) if found else None
    if where is not None and _stores_json(task, context):
        for problem in found:
            yield Problem(problem.node, (problem.what, where))


def _is_stored_as_it_is(task: Task, value: ast.expr, model: ast.expr, context: Context) -> bool:
    from flake8_celery.core.messages.validated import refused_result, takes_models

    validated = takes_models(task)
    if validated is None:
        return False
    return not validated or refused_result(task, value, model, context.model.resolver)


def _where(task: Task, context: Context) -> str | None:
    """What to say of the backend: nothing where it is known; None where it may be another."""
    given = context.options.celery_backend
    if given:
        return "" if given in _BACKENDS else None
    backend = context.configuration(task).backend
    if backend is None or backend.name not in _BACKENDS:
        return None
    return "" if backend.known else f" (with this backend, {backend.name})"


def _stores_json(task: Task, context: Context) -> bool:
    for name in _DECIDING:
        option = task.option(name)
        if option or isinstance(option, Unknown):
            return False
    if not task.base.returns_plainly:
        return False
    configuration = context.configuration(task)
    if configuration.found and not configuration.is_off("task_ignore_result"):
        return False
    return registers_nothing(context.model) and default_is_json(
        context.model, task, "result_serializer"
    )
