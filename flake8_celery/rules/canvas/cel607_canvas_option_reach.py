"""An execution option given to a chain reaches its first step only; a group takes no callbacks.

## What happens

`chain(...).apply_async(queue="slow")`, `.set(queue="slow")` and `chain(..., queue="slow")` route the
first message. The worker sends all later steps where their own task goes. A group that is given
`link=` or `link_error=` raises TypeError.

```python bad
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk), save.s()).apply_async(queue="slow")
                                            ^^^^^ CEL607
    (load.s(pk) | save.s()).set(priority=3).delay()
                                ^^^^^^^^ CEL607
    group(load.s(1), load.s(2)).apply_async(link_error=save.s())
                                            ^^^^^^^^^^ CEL607
```

## Use instead

The option on each step, on the task, or in `task_routes`. A callback for a whole group is the body of
a chord; `link_error` goes on each member.

```python good
from celery import chain, chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk).set(queue="slow"), save.s().set(queue="slow")).delay()
    chain(load.s(pk), save.s()).apply_async(countdown=10)
    group(load.s(1), load.s(2)).apply_async(queue="slow")
    chord([load.s(1), load.s(2)])(save.s())
```

## Exceptions

A chain whose later steps all have that option themselves; a chain that starts with a group, which is
a chord.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.messages.canvas_build import Built, Chain, Group, Step, value_of
from flake8_celery.core.messages.canvas_steps import inside
from flake8_celery.core.model import Arguments, Canvas, Dispatch

_ROUTING = ("queue", "routing_key", "exchange", "priority", "serializer")
_CALLBACKS = ("link", "link_error")


@rule(
    "CEL607",
    "canvas-option-reach",
    pylint="W8656",
    on=(Canvas, Dispatch),
    message="%s",
    raises=("TypeError",),
)
def check(fact: Canvas | Dispatch, context: Context) -> Iterator[Problem]:
    model = context.model
    if isinstance(fact, Canvas):
        if fact.kind == "chain":
            value = value_of(fact.call, fact.region, model)
            yield from _routed(value, fact.arguments)
        return
    if fact.on != "signature" or fact.method not in ("apply_async", "set", "__call__"):
        return
    if not any(name in fact.arguments.keywords for name in (*_ROUTING, *_CALLBACKS)):
        return
    value = value_of(fact.receiver, fact.region, model)
    if fact.method != "__call__":
        yield from _routed(value, fact.arguments)
    if isinstance(value, Group) and fact.method != "set":
        for name in _CALLBACKS:
            keyword = fact.arguments.keywords.get(name)
            if keyword is not None and context.only(keyword.value, fact.region, _GIVEN):
                yield Problem(keyword_name(keyword), (_REFUSED[name],))


_GIVEN = frozenset({"signature", "list", "tuple", "task"})
_REFUSED = {
    "link": "a group takes no link, TypeError when it is sent: use a chord, its body runs last",
    "link_error": "a group takes no link_error, TypeError when it is sent: give it to each member",
}


def _routed(value: Built, arguments: Arguments) -> Iterator[Problem]:
    if not isinstance(value, Chain) or len(value.steps) < 2:
        return
    if not isinstance(value.steps[0], Step):
        return
    for name in _ROUTING:
        keyword = arguments.keywords.get(name)
        if keyword is None or all(_has(step, name) for step in value.steps[1:]):
            continue
        told = (
            f"{name} reaches the first of the chain's steps only: give it to each, .set({name}=...)"
        )
        yield Problem(keyword_name(keyword), (told,))


def _has(value: Built, name: str) -> bool:
    """Whether a step has the option, on its signature or its task, as far as can be told."""
    for one in inside(value):
        if isinstance(one, Step) and name not in one.options:
            task = one.fact.resolved_task()
            if task is None or task.own(name) is None:
                return False
    return True
