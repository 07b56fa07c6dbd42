"""`delay`, `s` or `si` is given an execution option.

## What happens

These methods take the task's own arguments and nothing else. `countdown=10` is handed to the
function: TypeError when sending. A task with `**kwargs` gets it as an argument, and runs at once.

```python bad
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.delay(pk, countdown=600)
                     ^^^^^^^^^ CEL402
    remind.si(pk, queue="slow").delay()
                  ^^^^^ CEL402
    remind.s(pk).delay(expires=60)
                       ^^^^^^^ CEL402
```
```python bad
from functools import partial
from celery import shared_task
from django.db import transaction

@shared_task
def remind(pk): ...

def later(pk):
    transaction.on_commit(partial(remind.delay, pk, countdown=600))
                                                    ^^^^^^^^^ CEL402
```

## Use instead

```python good
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,), countdown=600)
    remind.si(pk).set(queue="slow").delay()
```

## Exceptions

A parameter of that name. With `**kwargs` only `countdown`, `eta`, `link_error` and `immutable` are
reported. Where the task's parameters are unknown, or its class overrides the method: nothing.

```python good
from celery import shared_task

@shared_task
def scale(host, queue): ...

scale.delay("a", queue="slow")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from flake8_celery.core.contract.binding import Parameters
from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.messages.arguments import of_dispatch
from flake8_celery.core.messages.canvas_steps import first_sent, step_parameters
from flake8_celery.core.messages.parameters import taken
from flake8_celery.core.model import Dispatch, Task
from flake8_celery.core.model.model import Model
from flake8_celery.tables.execution import COMMON

_METHODS = {
    "delay": "use apply_async(args, %s=...)",
    "delay_on_commit": "use apply_async_on_commit(args, %s=...)",
    "s": "use .s(...).set(%s=...)",
    "si": "use .si(...).set(%s=...)",
}
_OPTIONS = COMMON | {"immutable"}
_EVEN_WITH_KWARGS = frozenset({"countdown", "eta", "link_error", "immutable"})


@rule(
    "CEL402",
    "execution-option-as-argument",
    pylint="E8602",
    on=Dispatch,
    message="%s is no parameter of %s but an option, and %s() takes arguments only: %s",
    raises=("TypeError",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    hint = _METHODS.get(fact.method)
    if hint is None:
        return
    given = _keywords(fact, context.model)
    if _OPTIONS.isdisjoint(given):
        return
    known = _task(fact, context.model)
    if known is None:
        return
    task, parameters = known
    names = {*parameters.positional, *parameters.keyword_only, parameters.bound}
    options = _EVEN_WITH_KWARGS if parameters.keywords else _OPTIONS
    for name, node in given.items():
        if name in options and name not in names and not context.mocked(fact, task):
            told = "s(..., immutable=True) is si(...)" if name == "immutable" else hint % name
            place = keyword_name(node) if isinstance(node, ast.keyword) else node
            yield Problem(place, (name, task.name, fact.method, told))


def _keywords(fact: Dispatch, model: Model) -> Mapping[str, ast.AST]:
    """The keywords that the call gives as arguments of the task."""
    if fact.on == "signature":
        return fact.arguments.keywords
    found: dict[str, ast.AST] = {}
    for given in of_dispatch(fact, model):
        found.update(given.keywords)
    return found


def _task(fact: Dispatch, model: Model) -> tuple[Task, Parameters] | None:
    if fact.on == "signature":
        for step, _ in first_sent(fact, model):
            return step_parameters(step)
        return None
    task = fact.resolved_task()
    parameters = taken(task, fact.method, model) if task is not None else None
    if task is None or parameters is None or isinstance(parameters, Unknown):
        return None
    return task, parameters
