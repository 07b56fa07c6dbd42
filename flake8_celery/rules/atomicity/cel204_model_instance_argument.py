"""A model's object, a QuerySet or a request among a task's arguments.

## What happens

Arguments travel as JSON, and a row of a table is none: EncodeError where the task is sent. With
pickle it would arrive as it was when it was sent, whatever changed since.

```python bad
from celery import shared_task
from django.db import models

class Order(models.Model):
    def ship(self):
        notify.delay(self)
                     ^^^^ CEL204

@shared_task
def notify(order, copies=()): ...

def remind(pk):
    order = Order.objects.get(pk=pk)
    notify.delay(order)
                 ^^^^^ CEL204
    for late in Order.objects.filter(late=True):
        notify.apply_async((late,), {"copies": Order.objects.values_list("pk", flat=True)})
                            ^^^^ CEL204
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL204
```
```python bad
from celery import shared_task
from django.db.models.signals import post_save
from django.dispatch import receiver

@shared_task
def index(order): ...

@receiver(post_save, sender="shop.Order")
def saved(sender, instance, **kwargs):
    index.delay(instance)
                ^^^^^^^^ CEL204
```

## Use instead

Send the key, and fetch the row in the task.

```python good
from celery import shared_task
from django.db import models

class Order(models.Model):
    def ship(self):
        notify.delay(self.pk)

@shared_task
def notify(pk, copies=()): ...

def remind():
    for pk in Order.objects.filter(late=True).values_list("pk", flat=True):
        notify.delay(pk, copies=list(Order.objects.values_list("pk", flat=True)))
```

## Exceptions

Silent where the serializer may be another one, where the project teaches kombu new types, where a
Task class has its own `apply_async`, where a chain has a link of the project's own, and where the
function asks for the type of what it sends.

```python good
from celery import shared_task
from django.db import models

class Order(models.Model): ...

@shared_task
def notify(pk): ...

def remind(order: Order | int):
    notify.delay(order)
    for name in Order.objects.names():
        notify.delay(name)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.bodies.instances import Finder
from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.messages.serialisation import (
    arguments_sent,
    default_is_json,
    is_json,
    registers_nothing,
)
from flake8_celery.core.model import ABSENT, Dispatch, Place, Retry
from flake8_celery.core.model.model import Model
from flake8_celery.core.values.degrees import BASE_CLASS, assume

_KEY: Final = "send its pk and fetch it in the task"
_KEYS: Final = "send a list of keys"
_SERIALIZER: Final = "serializer"
_SENDING: Final = frozenset({"apply_async", "delay"})
#: What each shape is called, and what to do.
_SAID: Final = {
    "object": ("an object of %s", _KEY),
    "query": ("a query of %s", _KEYS),
    "values": ("a query of %s", "make a list of it"),
    "many": ("a list of %s objects", _KEYS),
    "manager": ("a manager of %s", _KEYS),
    "request": ("the request%.0s", "send what the task needs of it"),
    "upload": ("an uploaded file%.0s", "store it and send where it is"),
    "user": ("the user%.0s", _KEY),
    "data": ("an object of %s", "send its id, or a dict"),
    "pydantic": ("an object of %s", "send its model_dump()"),
}


@rule(
    "CEL204",
    "model-instance-argument",
    pylint="E8572",
    on=(Dispatch, Retry),
    message="%s is no JSON, sending it raises EncodeError: %s",
    raises=("EncodeError", "TypeError"),
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    finder: Finder | None = None
    for value, region in arguments_sent(fact, context.model.resolver):
        for node, place in _leaves(value, region):
            finder = finder or Finder(context.model)
            found = finder.thing(node, place)
            if found is None or found.shape not in _SAID:
                continue
            if not _carries_json(fact, context.model):
                return
            if found.shape == "pydantic" and _takes_pydantic(fact):
                continue
            what, hint = _SAID[found.shape]
            told = node if place is fact.region else value
            yield Problem(told, (what % found.name, hint), subject=value)


def _leaves(node: ast.expr, region: Region) -> Iterator[Place]:
    """The value, or what lists, tuples and dicts written there hold."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Dict):
            pending += (value for key, value in zip(node.keys, node.values, strict=True) if key)
        elif isinstance(node, (ast.List, ast.Tuple)):
            pending += node.elts
        elif not isinstance(node, ast.Constant):
            yield node, region


def _carries_json(fact: Dispatch | Retry, model: Model) -> bool:
    """Whether the arguments are sent as JSON, for all that can be read."""
    task = fact.resolved_task() if isinstance(fact, Dispatch) else fact.task
    base = task.base if task is not None else model.default_task_class()
    if not _SENDING.isdisjoint(base.methods):
        return False
    if is_json(fact, model):
        return base.trusted() or assume(BASE_CLASS)
    if base.complete or task is None or _SERIALIZER in base.attributes:
        return False
    # nothing that can be read speaks of another serializer
    given = fact.arguments.keywords, task.arguments.keywords
    if any(_SERIALIZER in each for each in given) or task.arguments.splat_keywords:
        return False
    if not registers_nothing(model) or not default_is_json(model, task, "task_serializer"):
        return False
    return assume(BASE_CLASS)


def _takes_pydantic(fact: Dispatch | Retry) -> bool:
    task = fact.resolved_task() if isinstance(fact, Dispatch) else fact.task
    return task is None or task.option("pydantic") is not ABSENT
