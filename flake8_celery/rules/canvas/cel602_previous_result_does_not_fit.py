"""A step of a canvas can't take the result that is passed on to it.

## What happens

The result of the step before is put in front of the arguments that the next one has: a chain passes
it on, a chord's body gets the list of all results, a `link` callback the result of its task. If the
next task has no room for it, the worker raises TypeError once the step before is done, and marks *that*
one as failed: its result is lost, although it succeeded. A chord whose body has no room fails.

```python bad
from celery import chain, chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(pk, force=False): ...

@shared_task
def notify(): ...

def run(pk):
    chain(load.s(pk), save.s(pk, True)).delay()
                           ^ CEL602
    (load.s(pk) | notify.s()).delay()
                         ^ CEL602
    chord([load.s(1), load.s(2)])(notify.s())
                                         ^ CEL602
    (load.s(pk) | group(save.s(pk=1), save.s())).delay()
                             ^ CEL602
    load.apply_async((pk,), link=notify.s())
                                        ^ CEL602
```

## Use instead

`si()` makes a signature that takes nothing from the step before. Where the result is wanted, leave
room for it as the first argument.

```python good
from celery import chain, chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(pk, force=False): ...

@shared_task
def notify(): ...

def run(pk):
    chain(load.s(pk), save.si(pk, True)).delay()
    chain(load.s(pk), save.s(True)).delay()
    chord([load.s(1), load.s(2)])(notify.si())
    load.apply_async((pk,), link=notify.si())
```

## Exceptions

Immutable signatures. A signature whose own arguments are wrong already is CEL401's matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.contract.binding import MISSING, TOO_MANY, TWICE, describe
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.messages.canvas_steps import (
    GROUP,
    HEADER,
    LINKED,
    STEP,
    Fit,
    deliveries,
    misfit_of,
)
from flake8_celery.core.model import Canvas, Dispatch, Pipe
from flake8_celery.core.model.purpose import is_mocked

_CONSEQUENCES = {
    STEP: "the step before is marked failed",
    GROUP: "the chord fails",
    HEADER: "the chord fails",
    LINKED: "that task is marked failed",
}


@rule(
    "CEL602",
    "previous-result-does-not-fit",
    pylint="E8651",
    on=(Canvas, Pipe, Dispatch),
    message="%s gets %s from %s%s, %s: %s, else TypeError and %s",
    raises=("TypeError",),
)
def check(fact: Canvas | Pipe | Dispatch, context: Context) -> Iterator[Problem]:
    for step, arrival in deliveries(fact, context.model):
        if not arrival.source:
            continue
        fit = misfit_of(step, arrival)
        if fit is not None and not is_mocked(step.fact, fit.task, context.model):
            yield Problem(called_name(step.node), _told(fit), step.node)


def _told(fit: Fit) -> tuple[object, ...]:
    step, found, parameters = fit.step, fit.misfit, fit.parameters
    own = step.call.positional
    arrives = "1 list" if fit.arrival.source in (GROUP, HEADER) else "1"
    room = len(parameters.positional)
    if found.kind == TOO_MANY:
        why, hint = f"takes {room or 'none'}", "give it less"
    elif found.kind == TWICE:
        why, hint = f"{found.name} is given by name as well", "drop that"
    elif found.kind == MISSING:
        why, hint = f"{found.name} is missing", "add it"
    else:
        why, hint = f"{found.name} is refused", "drop it"
    return (
        describe(parameters, fit.task.name),
        arrives,
        fit.arrival.source,
        f" + {own} given" if own else "",
        why,
        "say .si()" if fit.mended else hint,
        _CONSEQUENCES[fit.arrival.source],
    )
