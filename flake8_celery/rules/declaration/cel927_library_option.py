"""A Task class of another package, used in a way that it does not have.

## What happens

celery-once, celery-singleton, celery-heimdall and celery-batches bring Task classes with options of
their own, and lose some of Celery's:

- An option beside the dict that it belongs into, or a key that is none, is not read.
- `keys` of celery-once and `unique_on` of celery-singleton name parameters, each of which must be
  given in every call: KeyError where the task is sent.
- Under a lock a retry is a duplicate of the task that still runs, and never sent (celery-singleton,
  `unique` of celery-heimdall). A batch has nothing to retry, no result, no link and no expiry.
- The function of a batch gets one list of requests.
- celery-once needs its setting, celery-singleton arguments that Python's own json knows.

```python bad
from celery import shared_task
from celery_batches import Batches
from celery_once import QueueOnce
from celery_singleton import Singleton

@shared_task(base=QueueOnce, once={"gracefull": True, "keys": ["order"]}, timeout=60)
                                   ^^^^^^^^^^^ CEL927
                                                               ^^^^^^^ CEL927
                                                                          ^^^^^^^ CEL927
def charge(order_id): ...

@shared_task(base=Singleton, autoretry_for=(OSError,))
                             ^^^^^^^^^^^^^ CEL927
def fetch(url): ...

@shared_task(base=Batches, flush_evry=50)
                           ^^^^^^^^^^ CEL927
def count(page, user): ...
                ^^^^ CEL927
```

## Use instead

```python good
from celery import shared_task
from celery_batches import Batches
from celery_once import QueueOnce

@shared_task(base=QueueOnce, once={"graceful": True, "keys": ["order_id"], "timeout": 60})
def charge(order_id, amount=0): ...

@shared_task(base=Batches, flush_every=50, flush_interval=10)
def count(requests): ...

def later(order):
    charge.apply_async((order.pk,), once={"graceful": False})
```

## Exceptions

Classes that are not known, and options that can't be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import (
    Context,
    FunctionNode,
    Problem,
    called_name,
    defined_name,
    keyword_name,
    rule,
)
from flake8_celery.core.model import (
    Canvas,
    Dispatch,
    Fact,
    Pipe,
    Retry,
    Task,
    UnknownSetting,
    setting_name,
)
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.libraries import library_settings


@rule(
    "CEL927",
    "library-option",
    pylint="E8772",
    on=(Task, Dispatch, Retry, Canvas, Pipe, UnknownSetting),
    message="%s: %s",
    raises=("KeyError", "TypeError", "AttributeError"),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, UnknownSetting):
        yield from _setting(fact)
        return
    for node, task in _tasks(fact, context):
        bases = task.base.libraries
        if not bases:
            continue
        # few files use such a class, and each run would pay for the import
        from flake8_celery.rules.declaration import library_tasks

        for base in bases:
            shown = base.paths[0].rpartition(".")[2]
            for place, text in library_tasks.judge(fact, node, task, base, context):
                if isinstance(place, ast.keyword):
                    yield Problem(keyword_name(place), (shown, text))
                elif isinstance(place, FunctionNode):
                    yield Problem(defined_name(place, context.module), (shown, text))
                elif isinstance(place, (ast.Call, ast.Attribute)):
                    yield Problem(called_name(place), (shown, text))
                else:
                    yield Problem(place, (shown, text))


def _tasks(fact: Fact, context: Context) -> Iterator[tuple[ast.AST, Task]]:
    """Each task that a fact is about, with the node that stands for it."""
    if isinstance(fact, Task):
        yield fact.node, fact
    elif isinstance(fact, Retry):
        if fact.task is not None:
            yield fact.call, fact.task
    elif isinstance(fact, Dispatch):
        task = fact.resolved_task()
        if task is not None:
            yield fact.node, task
    elif isinstance(fact, (Canvas, Pipe)):
        for element in _before_others(fact):
            dispatch = context.model.dispatches.get(element)
            task = dispatch.resolved_task() if dispatch is not None else None
            if task is not None:
                yield element, task


def _before_others(fact: Canvas | Pipe) -> list[ast.expr]:
    """The elements after which others are to run."""
    if isinstance(fact, Pipe):
        return [fact.node.left]
    elements = [element for element, _ in fact.elements()]
    if fact.kind == "chain":
        return elements[:-1]
    return elements if fact.kind == "chord" else []


def _setting(fact: UnknownSetting) -> Iterator[Problem]:
    """A misspelt setting of a library."""
    written = fact.written.lower().removeprefix("celery_")
    known = library_settings(written.partition("_")[0])
    meant = near_miss(written, sorted(known)) if written not in known else None
    if meant is not None:
        prefix = fact.written[: len(fact.written) - len(written)]
        right = prefix + (meant if fact.written.islower() else meant.upper())
        told = f"there is no such setting, did you mean {right}?"
        yield Problem(setting_name(fact), (fact.written, told))
