"""`self.retry()` is given something else than it takes.

## What happens

The signature is `retry(args=None, kwargs=None, exc=None, ...)`. An exception given by position lands
in `args`: the retry itself fails with TypeError, which is stored in place of the real error, and the
task never runs again. An `exc` that is no exception fails when the retries are used up. `args` must
not hold `self`, for the task gets itself once more: the message is rejected, which up to 5.6 leaves
the task in RETRY or PENDING for ever.

```python bad
from celery import shared_task

@shared_task(bind=True)
def pay(self, order):
    try:
        charge(order)
    except TimeoutError as err:
        raise self.retry(err)
                         ^^^ CEL301
```
```python bad
from celery import shared_task

@shared_task(bind=True)
def pay(self, order):
    self.retry(exc="timeout")
                   ^^^^^^^^^ CEL301
    self.retry(args=(self, order))
                     ^^^^ CEL301
    self.retry(args=(order,), kwargs={"tries": 1})
                                      ^^^^^^^ CEL301
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def pay(self, order):
    try:
        charge(order)
    except TimeoutError as err:
        raise self.retry(exc=err)
```

## Exceptions

`self.retry((order,), {"again": True})` is legal: those are args and kwargs. What is not given of
them is as it was, so that only one of the two says little.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.contract.binding import describe, explain, misfit
from flake8_celery.core.engine import (
    Context,
    Problem,
    Span,
    Unknown,
    called_name,
    keyword_name,
    rule,
)
from flake8_celery.core.messages.arguments import packed, place_of
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.model import Retry

EXCEPTIONS = frozenset({"exception", "exception-class"})
NO_EXCEPTION = frozenset({"str", "int", "float", "bool", "list", "tuple", "dict", "set"})


@rule(
    "CEL301",
    "retry-arguments",
    pylint="E8520",
    on=Retry,
    message="retry(): %s",
    raises=("TypeError",),
)
def check(fact: Retry, context: Context) -> Iterator[Problem]:
    arguments = fact.arguments
    for value in arguments.positional[:2]:
        if context.only(value, fact.region, EXCEPTIONS):
            told = "this lands in args and the retry itself fails with TypeError: say exc=..."
            yield Problem(value, (told,))
    exc = arguments.get("exc", 2)
    if exc is not None:
        kind = context.only(exc, fact.region, NO_EXCEPTION)
        if kind:
            yield Problem(exc, (f"exc is a {kind}, no exception: TypeError after the last retry",))
    args = arguments.get("args", 0)
    if isinstance(args, (ast.Tuple, ast.List)) and args.elts:
        first = args.elts[0]
        if context.model.is_self(first, fact.region) is not None:
            told = "args must not hold self, the task is bound again: the arguments no longer fit"
            yield Problem(first, (told,))
            return
    yield from _misfits(fact, context)


def _misfits(fact: Retry, context: Context) -> Iterator[Problem]:
    """`args=` and `kwargs=` that the task can't take; what is left out is as it was."""
    task = fact.task
    if task is None or not task.base.lacks("retry"):
        return
    args, kwargs = (_given(fact.arguments.get(n, i)) for i, n in enumerate(("args", "kwargs")))
    if args is None and kwargs is None:
        return
    parameters = of_task(task)
    if isinstance(parameters, Unknown) or (
        parameters.positional[:1] == ("self",) and not task.bind
    ):
        return
    given = packed(
        fact.call,
        args,
        kwargs,
        fact.region,
        context.model.resolver,
        more_args=args is None,
        more_kwargs=kwargs is None,
    )
    found = misfit(parameters, given.call)
    if found is None or context.mocked(fact, task):
        return
    place: ast.AST | Span | None = place_of(found, parameters, given)
    if place is None:
        place = called_name(fact.call)
    elif isinstance(place, ast.keyword):
        place = keyword_name(place)
    told = explain(found, parameters, given.call.positional)
    taken = describe(parameters, task.name)
    fails = "the retry itself fails" if found.sending else "the next run fails"
    yield Problem(place, (f"{told}, {fails}: {taken} at {task.place(fact)}",))


def _given(node: ast.expr | None) -> ast.expr | None:
    """None as a value counts as not given."""
    return None if isinstance(node, ast.Constant) and node.value is None else node
