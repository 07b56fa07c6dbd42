"""An error callback that can't take what Celery calls it with.

## What happens

How a `link_error` callback is called depends on its task. A plain one that takes more than one argument
is called where the other task failed, with `(request, exc, traceback)`. One that takes one argument, a
bound task and a class task are sent as a task, with the id of the task that failed. Arguments of its
own come after those. If that does not fit, the callback does not run, and its TypeError takes the place
of the error that the task failed with.

```python bad
from celery import shared_task

@shared_task
def load(pk): ...

@shared_task(bind=True)
def bound(self, request, exc, traceback): ...

@shared_task
def nothing(): ...

@shared_task
def two(exc, traceback): ...

def run(pk):
    load.apply_async((pk,), link_error=bound.s())
                                             ^ CEL604
    load.s(pk).on_error(nothing.s()).delay()
                                ^ CEL604
    load.apply_async((pk,), link_error=[two.s()])
                                            ^ CEL604
```

## Use instead

`(request, exc, traceback)`, or `(task_id)`, or `si()` for a callback that wants none of it.

```python good
from celery import shared_task

@shared_task
def load(pk): ...

@shared_task
def log(request, exc, traceback): ...

@shared_task(bind=True)
def bound(self, task_id): ...

@shared_task
def nothing(): ...

def run(pk):
    load.apply_async((pk,), link_error=log.s())
    load.apply_async((pk,), link_error=bound.s())
    load.apply_async((pk,), link_error=nothing.si())
```

## Exceptions

Immutable signatures. Celery before 5.7 counts stored arguments differently: such a callback is reported
if it fails either way. A chain or group as a callback.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.contract import binding
from flake8_celery.core.contract.binding import (
    MISSING,
    TOO_MANY,
    CallShape,
    Misfit,
    Parameters,
    describe,
)
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.messages.canvas_build import Step, merged_options, value_of
from flake8_celery.core.messages.canvas_steps import callbacks, step_parameters
from flake8_celery.core.model import Dispatch, Option, Task
from flake8_celery.core.model.purpose import is_mocked

_SENT = "the failed task's id"
_CALLED = "(request, exc, traceback)"
_ARRIVES = {_SENT: 1, _CALLED: 3}


@rule(
    "CEL604",
    "errback-signature",
    pylint="E8653",
    on=Dispatch,
    words=("link", "on_error"),
    message="%s is called with %s%s, but %s: %s, or %s",
    raises=("TypeError",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    model = context.model
    for _, node in callbacks(fact, ("link_error",)):
        step = value_of(node, fact.region, model)
        if not isinstance(step, Step) or step.immutable is not False:
            continue
        known = step_parameters(step)
        if known is None or is_mocked(step.fact, known[0], model):
            continue
        found = _misfit(step.call, *known)
        if found is not None:
            yield Problem(called_name(step.node), _told(step.call, *known, *found), step.node)


def _misfit(held: CallShape, task: Task, parameters: Parameters) -> tuple[str, Misfit] | None:
    """How the callback is called and why that fails, whichever Celery it is."""
    if held.more_positional or held.more_keywords:
        return None
    if (
        binding.misfit(parameters, CallShape(held.positional, held.keywords, True, True))
        is not None
    ):
        return None  # wrong already by itself: CEL401
    pydantic = task.option("pydantic")
    if isinstance(pydantic, Option):
        return None
    ways = _ways(held, task, parameters)
    found = [(way, _judge(held, parameters, way)) for way in ways]
    way, misfit = found[-1]
    return (way, misfit) if misfit is not None and all(why for _, why in found) else None


def _ways(held: CallShape, task: Task, parameters: Parameters) -> list[str]:
    """How Celery calls it, celery/backends/base.py: before 5.7, and since."""
    if task.bind or task.style == "class":
        return [_SENT]
    positional = parameters.positional
    before = _CALLED if parameters.variadic or len(positional) > 1 else _SENT
    left = list(positional[held.positional :])
    cut = next((index for index, name in enumerate(left) if name in held.keywords), None)
    more = parameters.variadic and cut is None
    since = _CALLED if more or len(left[:cut]) > 1 else _SENT
    return [before, since]


def _judge(held: CallShape, parameters: Parameters, way: str) -> Misfit | None:
    if way == _CALLED:
        parameters = parameters._replace(checked=False)
    return binding.misfit(parameters, merged_options(CallShape(_ARRIVES[way]), held))


def _told(
    held: CallShape, task: Task, parameters: Parameters, way: str, found: Misfit
) -> tuple[object, ...]:
    own = held.positional
    if found.kind == TOO_MANY:
        why = f"takes {len(parameters.positional) or 'none'}"
    elif found.kind == MISSING:
        why = f"{found.name} is missing"
    else:
        why = f"{found.name} is given twice"
    takes = "(self, task_id)" if task.bind else "(request, exc, traceback)"
    mended = binding.misfit(parameters, held) is None
    if way == _SENT and found.sending:
        consequence = "its TypeError hides the real one"
    elif way == _SENT:
        consequence = "it fails"
    else:
        consequence = "it never runs"
    return (
        describe(parameters, task.name),
        way,
        f" + {own} given" if own else "",
        why,
        "say .si()" if mended else f"take {takes}",
        consequence,
    )
