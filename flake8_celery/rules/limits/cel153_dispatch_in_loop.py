"""One message sent per iteration of a loop.

## What happens

Each `delay()` is a round trip to the broker of its own, inside whatever the loop runs in. There is no
way to wait for all, to see how far they are, or to go on after the last; where the loop dies half-way
half of them are sent.

```python bad
from celery import shared_task

@shared_task
def push(pk): ...

def push_all(pks):
    for pk in pks:
        push.delay(pk)
             ^^^^^ CEL153
```

## Use instead

A group sends over one connection and has one result to wait for or to go on after; `chunks` sends
fewer messages, each for several items, which is right where one item is quick.

```python good
from celery import group, shared_task

@shared_task
def push(pk): ...

def push_all(pks):
    group(push.s(pk) for pk in pks).delay()

def push_in_tens(pks):
    push.chunks(((pk,) for pk in pks), 10).delay()
```

## When to switch it on

To review how a code base fans out, rather than for good: in the packages that the rules are tried
on it tells 114 of 710 dispatches. Of 14 drawn at random and read, all do send one message per
iteration; about a third of them loop over a handful, where it makes no difference.

## Exceptions

A loop that the dispatch leaves (`break`, `return`), and one over a few items written out: less than
ten of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.syntax.flow import always_exits, walk
from flake8_celery.core.syntax.regions import LOOP, Scope
from flake8_celery.tables.methods import SENDING

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FEW = 10


@rule(
    "CEL153",
    "dispatch-in-loop",
    pylint="R8539",
    on=Dispatch,
    default=False,
    message="%s sends one message per iteration: group(%s.s(...) for ...) sends them as one, "
    "%s.chunks(...) in fewer",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is None or fact.method not in SENDING or fact.on not in ("task", "imported"):
        return
    source = _repeated(fact.region, fact.statement)
    if source is not None and not _is_short(source) and not context.for_development:
        yield Problem(called_name(fact.call), (fact.method, fact.name, fact.name))


def _repeated(region: Region, statement: ast.stmt) -> ast.expr | None:
    """What is looped over, in the nearest loop of the function that goes on afterwards."""
    for around in region:
        node = around.node
        if around.kind is LOOP and isinstance(node, (ast.For, ast.While)):
            block = next((b for b in _blocks(node.body) if statement in b), node.body)
            if always_exits(block) and not isinstance(block[-1], ast.Continue):
                return None
            return node.iter if isinstance(node, ast.For) else node.test
        if isinstance(node, COMPREHENSIONS):
            return node.generators[0].iter
        if isinstance(around, Scope):
            return None
    return None


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    yield body
    for node in walk(body):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _is_short(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return len(node.elts) < FEW and not any(isinstance(e, ast.Starred) for e in node.elts)
    return False
