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
reported. Where the task's parameters are unknown: nothing.

```python good
from celery import shared_task

@shared_task
def scale(host, queue): ...

scale.delay("a", queue="slow")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, name_of, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.source import parameters_of
from flake8_celery.facts.execution import COMMON

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
    if hint is None or fact.on == "signature" or _OPTIONS.isdisjoint(fact.arguments.keywords):
        return
    task = fact.resolved_task()
    if task is None or not isinstance(task.parameters, ast.arguments):
        return
    parameters = task.parameters
    names = {parameter.arg for parameter in parameters_of(parameters)}
    options = _EVEN_WITH_KWARGS if parameters.kwarg is not None else _OPTIONS
    for name, keyword in fact.arguments.keywords.items():
        if name in options and name not in names:
            told = "s(..., immutable=True) is si(...)" if name == "immutable" else hint % name
            yield Problem(name_of(keyword), (name, task.name, fact.method, told))
