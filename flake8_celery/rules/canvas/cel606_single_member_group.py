"""A group of one member in a chain is unrolled: no list is passed on.

## What happens

`chain` and `|` put the only member of a group in the group's place. The next step gets that member's
result itself, not a list with it in it: code that loops over results breaks, or loops over the
letters of a string. From Celery 5.7 an empty group vanishes: the next step gets what came before it,
or nothing. A comprehension makes either as soon as there is little to do. At the head of a pipe,
`group([a]) | b`, the group stays.

```python bad
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def total(results): ...

def run(pk, more):
    chain(group([load.s(pk)]), total.s()).delay()
          ^^^^^ CEL606
    (load.s(pk) | group(load.s()) | total.s()).delay()
                  ^^^^^ CEL606
    chain(group(load.s(one) for one in more), total.s()).delay()
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
    (group(load.s(one) for one in more) | total.s()).delay()
    chord((load.s(one) for one in more), total.s()).delay()
    chain(group(load.s(one) for one in more), total.si(0)).delay()
    chain(load.s(pk), group([load.s()])).delay()
```

## Exceptions

A next step that takes no result (`.si()`), comprehensions over two or more in sight.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, called_name, rule
from flake8_celery.core.messages.canvas_build import Built, Chain, Group, Many, Opaque, Step
from flake8_celery.core.messages.canvas_steps import first_of, inside, whole
from flake8_celery.core.model import Canvas, Pipe

_ONE = "a group of one is unrolled here: the next step gets its result, not a list"
_NONE = "an empty group vanishes here: the next step gets what came before, not []"
_ANY = "a group of one is unrolled here, an empty one vanishes: the next step then gets no list"


@rule(
    "CEL606",
    "single-member-group",
    pylint="W8655",
    on=(Canvas, Pipe),
    message="%s, use chord",
)
def check(fact: Canvas | Pipe, context: Context) -> Iterator[Problem]:
    for value in inside(whole(fact, context.model)):
        if isinstance(value, Chain):
            for step, following in zip(value.steps, value.steps[1:], strict=False):
                told = _short(step, context)
                if told and _takes_result(following, told is _ANY):
                    yield Problem(called_name(step.node), (told,), step.node)


def _short(value: Built, context: Context) -> str:
    """What may happen to a group that has, or may have, fewer than two members; else empty."""
    if not isinstance(value, Group) or len(value.members) > 1:
        return ""
    if not value.members:
        return _NONE
    member = value.members[0]
    if isinstance(member, Many):
        made = isinstance(member.node, (ast.GeneratorExp, ast.ListComp))
        return _ANY if made and not _has_two(member.node, context) else ""
    return "" if isinstance(member, (Opaque, Group)) else _ONE


def _has_two(node: ast.AST, context: Context) -> bool:
    """Whether a comprehension runs over two or more items in sight."""
    assert isinstance(node, (ast.GeneratorExp, ast.ListComp))
    source = node.generators[0].iter
    if any(generator.ifs for generator in node.generators):
        return False
    region = context.model.candidates.scopes.get(node)
    around = region.parent if region is not None else None
    if around is None:
        return True
    if isinstance(source, ast.Call) and getattr(source.func, "id", "") == "range":
        counts = [context.resolve.values(each, around) for each in source.args]
        if all(not isinstance(c, Unknown) and all(type(n) is int for n in c) for c in counts):
            return all(len(range(*numbers)) > 1 for numbers in zip(*counts, strict=False))
        return False
    values = context.resolve.values(source, around)
    if isinstance(values, Unknown):
        return False
    return all(isinstance(v, (list, tuple, dict, set, str)) and len(v) > 1 for v in values)


def _takes_result(value: Built, sure: bool) -> bool:
    """Whether a step takes what is passed to it; with `sure`, only where that is in sight."""
    first = first_of(value)
    if isinstance(first, Step):
        return first.immutable is False
    return not sure and first is not None and not isinstance(first, Group)
