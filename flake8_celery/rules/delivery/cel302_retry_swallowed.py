"""A broad `except` swallows the exception that `self.retry()` works by.

## What happens

`self.retry()` sends the message again and then raises `Retry`; `Ignore`, `Reject` and
`self.replace()` work by exceptions too. `except Exception` around them catches it: the task is
stored as SUCCESS, or goes on, while it is being retried.

```python bad
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    try:
        if not ready(pk):
            raise self.retry(countdown=60)
                       ^^^^^ CEL302
        push(pk)
    except Exception:
        log(pk)
```

## Use instead

Let Celery's exceptions through, or retry outside of the `try`.

```python good
from celery import shared_task
from celery.exceptions import Retry

@shared_task(bind=True)
def sync(self, pk):
    try:
        if not ready(pk):
            raise self.retry(countdown=60)
        push(pk)
    except Retry:
        raise
    except Exception:
        log(pk)
```

## Exceptions

A handler that raises in any way, `retry(throw=False)`, and a retry in the `else`, in a handler or in
`finally`.

```python good
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    try:
        push(pk)
    except Exception as err:
        raise self.retry(exc=err)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core import flow
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Fact, Raise, Replace, Retry
from flake8_celery.core.resolve import dotted
from flake8_celery.core.source import FUNCTION, LAMBDA, TRY, Region

BROAD = frozenset({"Exception", "BaseException"})
OWN = frozenset(
    [
        "Retry",
        "Ignore",
        "Reject",
        "RetryTaskError",
        "TaskPredicate",
        "CeleryError",
        "MaxRetriesExceededError",
    ]
)


@rule(
    "CEL302",
    "retry-swallowed",
    pylint="E8521",
    on=(Retry, Raise, Replace),
    message="%s raises %s, which the %s on line %s swallows: %s",
    body=True,
    yields_to=("CEL318",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Retry):
        if "throw" in fact.arguments.keywords or fact.arguments.splat_keywords:
            return
        place, what, name, told = (
            called_name(fact.call),
            "retry()",
            "Retry",
            ("the task counts as succeeded while it is retried; re-raise Retry"),
        )
    elif isinstance(fact, Replace):
        place, what, name, told = (
            called_name(fact.call),
            "replace()",
            "Ignore",
            ("both results are stored; re-raise Ignore"),
        )
    else:
        assert isinstance(fact, Raise)
        if fact.task is None or fact.node.exc is None:
            return
        place, what, name = fact.node.exc, "this", fact.name
        told = f"the task counts as succeeded; re-raise {fact.name}"
    handler = _swallowing(fact.region)
    if handler is None:
        return
    if isinstance(fact, Retry) and _retries(handler, context):
        told = "the handler retries again and the message is sent twice; re-raise Retry first"
    elif flow.raises(handler.body):
        return
    shown = f"except {ast.unparse(handler.type)}" if handler.type is not None else "bare except"
    yield Problem(place, (what, name, shown, handler.lineno, told))


def _swallowing(region: Region) -> ast.ExceptHandler | None:
    """The first handler around this place that catches all exceptions, if none before it lets Celery's through."""
    for around in region:
        if around.kind in (FUNCTION, LAMBDA):
            return None
        if around.kind is not TRY or not isinstance(around.node, ast.Try):
            continue
        for handler in around.node.handlers:
            names = _names(handler.type)
            if not names.isdisjoint(OWN):
                return None
            if handler.type is None or not names.isdisjoint(BROAD):
                return handler
    return None


def _names(node: ast.expr | None) -> set[str]:
    if node is None:
        return set()
    types = node.elts if isinstance(node, ast.Tuple) else [node]
    return {(dotted(kind) or "").rpartition(".")[2] for kind in types}


def _retries(handler: ast.ExceptHandler, context: Context) -> bool:
    return any(
        region.node is handler and "throw" not in other.arguments.keywords
        for other in context.model.of(Retry)
        for region in other.region
    )
