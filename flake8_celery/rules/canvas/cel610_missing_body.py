"""A chord is sent without a body.

## What happens

The body is what runs when all of the header is done. Sending a chord that has none raises
AttributeError, and so does a canvas with such a chord in it; `chord(header) | task` raises TypeError.

```python bad
from celery import chain, chord, shared_task

@shared_task
def load(pk): ...

def run():
    chord([load.s(1), load.s(2)])()
    ^^^^^ CEL610
    later = chord([load.s(1), load.s(2)])
            ^^^^^ CEL610
    later.delay()
    chain(load.s(1), chord([load.s(), load.s()])).delay()
                     ^^^^^ CEL610
```

## Use instead

A body, or a group if nothing is to follow.

```python good
from celery import chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(results): ...

def run():
    chord([load.s(1), load.s(2)])(total.s())
    chord([load.s(1), load.s(2)], total.s()).delay()
    group([load.s(1), load.s(2)])()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.messages import canvas_steps
from flake8_celery.core.messages.canvas_build import Built, Chain, Chord, Group, value_of
from flake8_celery.core.messages.canvas_steps import inside
from flake8_celery.core.model import Canvas, Dispatch, Pipe


@rule(
    "CEL610",
    "missing-body",
    pylint="E8659",
    on=(Canvas, Pipe, Dispatch),
    message="this chord has no body and sending it raises %s: give one, or use group",
    raises=("AttributeError", "TypeError"),
)
def check(fact: Canvas | Pipe | Dispatch, context: Context) -> Iterator[Problem]:
    model = context.model
    if isinstance(fact, Dispatch):
        if fact.on == "signature" and _gives_none(fact):
            value = value_of(fact.receiver, fact.region, model)
            if isinstance(value, Chord) and value.body is None:
                yield Problem(called_name(value.node), ("AttributeError",), value.node)
        return
    whole = canvas_steps.whole(fact, model)
    for value in inside(whole):
        if isinstance(value, Chord) and value.body is None and value is not whole:
            yield Problem(called_name(value.node), (_error(value, whole, fact),), value.node)


def _error(value: Chord, whole: Built, fact: Canvas | Pipe) -> str:
    if isinstance(whole, Chain) and value in whole.steps:
        joined = isinstance(fact, Pipe) and value is whole.steps[0]
        return "TypeError" if joined else "AttributeError"
    if isinstance(whole, Group) and value in whole.members:
        return "TypeError"
    if isinstance(whole, Chord) and isinstance(whole.header, Group):
        return "AttributeError" if value in whole.header.members else "an error"
    return "an error"


def _gives_none(fact: Dispatch) -> bool:
    """Whether a chord is sent, and surely not given its body with that."""
    arguments = fact.arguments
    if fact.method == "__call__":
        return arguments.lacks("body", 0)
    if fact.method == "delay":
        return arguments.lacks("body")
    return fact.method == "apply_async" and arguments.lacks("kwargs", 1)
