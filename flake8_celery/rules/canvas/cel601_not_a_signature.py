"""Something that is no signature, in a chain, group or chord.

## What happens

A canvas is built from signatures. A task itself, or an uncalled `task.s`, raises TypeError or
AttributeError when the canvas is called; `task.delay()` sends the task at once and its result then
raises; calling the task runs it here and now.

```python bad
from celery import chain, chord, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk), save).delay()
                      ^^^^ CEL601
    group([load.delay(1), load.delay(2)])()
           ^^^^^^^^^^^^^ CEL601
                          ^^^^^^^^^^^^^ CEL601
    (load.s(pk) | save).delay()
                  ^^^^ CEL601
    chord([load.s(1), load.s(2)])(save)
                                  ^^^^ CEL601
    group(load.s, load.s(1))()
          ^^^^^^ CEL601
```

## Use instead

```python good
from celery import chain, group, shared_task

@shared_task
def load(pk): ...

@shared_task
def save(data): ...

def run(pk):
    chain(load.s(pk), save.s()).delay()
    group([load.s(1), load.s(2)])()
    (load.s(pk) | save.s()).delay()
```

## Exceptions

A call of a task that may itself return a signature. A task in a chord's header: `chord` makes a
signature of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.messages.canvas_build import Chord, value_of
from flake8_celery.core.messages.canvas_steps import kind_of
from flake8_celery.core.model import Arguments, Canvas, Dispatch, Pipe
from flake8_celery.core.syntax.flow import walk

_TOLD = {
    "task": "a task is no signature: write %s.s(...)",
    "reference": "%s is not called, so it is no signature: write %s(...)",
    "result": "this sends the task at once and its result is no signature: write .s(...)",
    "none": "None is no signature",
    "str": "a text is no signature: write signature(...)",
    "int": "a number is no signature",
    "function": "a function is no signature: make it a task",
    "call": "this runs the task here and now: write .s(...)",
}


@rule(
    "CEL601",
    "not-a-signature",
    pylint="E8650",
    on=(Canvas, Pipe, Dispatch),
    message="%s",
    raises=("TypeError", "AttributeError"),
)
def check(fact: Canvas | Pipe | Dispatch, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Dispatch):
        yield from _body(fact, context)
    elif isinstance(fact, Pipe):
        for side in (fact.node.left, fact.node.right):
            yield from _judge(side, fact.region, context)
    else:
        for element, region in fact.elements():
            # `chord` makes signatures of the tasks and names in its header
            exempt = _MADE if fact.kind == "chord" else frozenset()
            yield from _judge(element, region, context, exempt)
        body = fact.arguments.get("body", 1) if fact.kind == "chord" else None
        if body is not None:
            yield from _judge(body, fact.region, context, _NO_BODY)


_MADE = frozenset({"task", "str", "none", "int", "function"})
_NO_BODY = frozenset({"none"})


def _body(fact: Dispatch, context: Context) -> Iterator[Problem]:
    """`chord(header)(task)`."""
    if fact.method != "__call__" or fact.on != "signature" or fact.call is None:
        return
    body = Arguments(fact.call).get("body", 0)
    if body is None:
        return
    if isinstance(value_of(fact.receiver, fact.region, context.model), Chord):
        yield from _judge(body, fact.region, context, _NO_BODY)


def _judge(
    element: ast.expr, region: Region, context: Context, exempt: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    kind = kind_of(element, region, context.model)
    if kind in exempt or (kind == "none" and not isinstance(element, ast.Constant)):
        return
    if not kind and _runs_here(element, region, context):
        kind = "call"
    if kind in _TOLD:
        yield Problem(element, (_TOLD[kind].replace("%s", ast.unparse(element)),))


def _runs_here(element: ast.expr, region: Region, context: Context) -> bool:
    """Whether this is a plain call of a task that certainly returns no signature."""
    if not isinstance(element, ast.Call):
        return False
    task = context.model.task(element.func, region)
    if task is None or task.function is None or isinstance(element.func, ast.Call):
        return False
    returned = [
        node.value
        for node in walk(task.function.body)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return all(
        isinstance(value, (ast.Constant, ast.BinOp, ast.Compare)) for value in returned
    ) and not any(
        isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr) for value in returned
    )
