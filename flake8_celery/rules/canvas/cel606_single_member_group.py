"""A group of one member in a chain is unrolled: no list is passed on.

## What happens

`chain` and `|` put the only member of a group in the group's place. The next step gets that member's
result itself, not a list with it in it: code that loops over results breaks, or loops over the
letters of a string. At the head of a pipe, `group([a]) | b`, the group stays.

```python bad
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(results): ...

def run(pk):
    chain(group([load.s(pk)]), total.s()).delay()
          ^^^^^ CEL606
    (load.s(pk) | group(load.s()) | total.s()).delay()
                  ^^^^^ CEL606
```

## Use instead

A chord, whose body gets a list whatever the header's length, or no group at all.

```python good
from celery import chain, chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(results): ...

def run(pk, more):
    chord([load.s(pk)], total.s()).delay()
    (group([load.s(pk)]) | total.s()).delay()
    chain(group(load.s(one) for one in more), total.s()).delay()
    chain(load.s(pk), group([load.s()])).delay()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core import canvas
from flake8_celery.core.canvas import Chain, Group, Many, Opaque, Value
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Canvas, Pipe


@rule(
    "CEL606",
    "single-member-group",
    pylint="W8655",
    on=(Canvas, Pipe),
    message="a group of one is unrolled here: the next step gets its result, not a list, use chord",
)
def check(fact: Canvas | Pipe, context: Context) -> Iterator[Problem]:
    for value in canvas.inside(canvas.whole(fact, context.model)):
        if isinstance(value, Chain):
            for step, following in zip(value.steps, value.steps[1:], strict=False):
                if _is_single(step) and not isinstance(following, Group):
                    yield Problem(called_name(step.node), (), step.node)


def _is_single(value: Value) -> bool:
    if not isinstance(value, Group) or len(value.members) != 1:
        return False
    return not isinstance(value.members[0], (Many, Opaque, Group))
