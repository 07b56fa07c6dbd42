"""A step of a chain that expires leaves the whole chain's result pending.

## What happens

A worker that gets an expired message drops it. Nothing sends the steps behind it, and nothing is
stored for them: who waits for the chain's result waits for ever.

```python bad
from celery import chain, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(rows): ...

def run(pk):
    return chain(load.s(pk).set(expires=60), total.s())()
                 ^^^^^^^^^^ CEL650
```

## Use instead

A step that looks itself whether it is too late, and a timeout for who waits.

```python good
from celery import chain, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(rows): ...

def run(pk):
    return chain(load.s(pk), total.s().set(expires=60))()
```

## When to switch it on

Where the results of chains are waited for. In 25 real projects it tells nothing.

## Exceptions

The last step, whose own result is the chain's, and members of groups and chords.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.canvas_build import Chain, Step
from flake8_celery.core.messages.canvas_steps import inside, whole
from flake8_celery.core.model import Canvas, Pipe


@rule(
    "CEL650",
    "expired-step",
    pylint="R8665",
    on=(Canvas, Pipe),
    default=False,
    message="if this step expires the chain's result stays pending for ever: expire the last alone",
)
def check(fact: Canvas | Pipe, context: Context) -> Iterator[Problem]:
    for value in inside(whole(fact, context.model)):
        if isinstance(value, Chain):
            for step in value.steps[:-1]:
                if isinstance(step, Step) and "expires" in step.options:
                    yield Problem(step.node, (), step.node)
