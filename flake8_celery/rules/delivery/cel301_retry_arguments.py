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

`self.retry((order,), {"again": True})` is legal: those are args and kwargs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
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
