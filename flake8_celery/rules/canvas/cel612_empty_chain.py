"""A chain of nothing is sent.

## What happens

`chain()` has no steps. Sending it runs nothing and gives None, so that `.get()` on what comes back
raises AttributeError.

```python bad
from celery import chain

def run():
    chain().delay()
    ^^^^^ CEL612
    chain([])()
    ^^^^^ CEL612
```

## Use instead

```python good
from celery import chain, shared_task

@shared_task
def load(pk): ...

def run(pks):
    chain(load.si(1)).delay()
    if pks:
        chain(load.si(pk) for pk in pks).delay()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.messages.canvas_build import Chain, value_of
from flake8_celery.core.model import Dispatch


@rule(
    "CEL612",
    "empty-chain",
    pylint="W8662",
    on=Dispatch,
    message="this chain has no steps: sending it runs nothing and gives None",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.on != "signature" or fact.method not in ("__call__", "delay", "apply_async"):
        return
    value = value_of(fact.receiver, fact.region, context.model)
    if isinstance(value, Chain) and not value.steps:
        yield Problem(called_name(value.node), (), value.node)
