"""A task sent while a model is being saved.

## What happens

`save()` and the receivers of `post_save` and the other model signals run inside whatever
transaction the caller has open: that of a view under `ATOMIC_REQUESTS`, that of Django's admin
(always), that of a form or an import. The message leaves at once, and a worker that is quicker than
the commit finds no row, or the old one.

```python bad
from celery import shared_task
from django.db import models

@shared_task
def index(pk): ...

class Product(models.Model):
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        index.delay(self.pk)
              ^^^^^ CEL253
```
```python bad
from celery import shared_task
from django.db.models.signals import post_save
from django.dispatch import receiver

@shared_task
def index(pk): ...

@receiver(post_save, sender="shop.Product")
def reindex(sender, instance, **kwargs):
    index.delay(instance.pk)
          ^^^^^ CEL253
```

## Use instead

`delay_on_commit` (Celery 5.4) or `transaction.on_commit`: outside of a transaction they send at once.

```python good
from functools import partial

from celery import shared_task
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

@shared_task
def index(pk): ...

class Product(models.Model):
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        transaction.on_commit(partial(index.delay, self.pk))

@receiver(post_save, sender="shop.Product")
def reindex(sender, instance, **kwargs):
    index.delay_on_commit(instance.pk)
```

## When to switch it on

In every Django project that sets `ATOMIC_REQUESTS`, uses the admin, or saves in transactions: that
is, in nearly every one. In the packages that the rules are tried on it tells 11 dispatches, all
from receivers of model signals; 10 hand on the key of a row that may not be committed, 1 doesn't
look at it. None of them fails where the caller has no transaction open.

## Exceptions

A receiver that is connected in another file is known by its parameters: `sender`, `instance`,
`**kwargs`. A delay (`countdown`, `eta`): somebody thought of the race. A handler of `except`, where
saving failed. Code in a function or lambda inside; tasks whose class sends in a way of its own;
files for tests and development. A transaction that the function itself opens is CEL201, which is on
by default.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.transactions import atomic_requests, sends_at_once
from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Dispatch
from flake8_celery.core.syntax.regions import CLASS, HANDLER, MODULE

SAVING = frozenset({"save", "save_base"})
MODEL = "django.db.models.Model"
SIGNALS = frozenset(
    f"django.db.models.signals.{name}"
    for name in ("pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")
)
RECEIVER = "django.dispatch.receiver"


@rule(
    "CEL253",
    "dispatch-in-save",
    pylint="R8546",
    on=Dispatch,
    default=False,
    message="%s sends at once from %s, %s: a worker may be quicker than the commit; use "
    "transaction.on_commit",
    yields_to=("CEL201", "CEL202"),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.call is None or any(region.kind is HANDLER for region in fact.region):
        return  # in a handler what was to be saved failed
    where = _saving(fact.region, context)
    if where is None or not sends_at_once(fact, likely=True) or context.for_development:
        return
    told = "in the caller's transaction, if one is open"
    if atomic_requests(context.model):
        told = "in the request's transaction (ATOMIC_REQUESTS)"
    name = "calling a canvas" if fact.method == "__call__" else fact.method
    yield Problem(called_name(fact.call), (name, where, told))


def _saving(region: Region, context: Context) -> str | None:
    """What the function is, if it runs while a model is saved."""
    around = region.function
    function = around.node if around is not None else None
    if around is None or not isinstance(function, ast.FunctionDef) or around.parent is None:
        return None
    outside = around.parent
    if function.name in SAVING and outside.kind is CLASS and _is_model(outside, function, context):
        return f"{function.name}()"
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and decorator.args:
            name = context.resolve.qualname(decorator.func, outside)
            if name == RECEIVER and _signals(decorator.args[0], outside, context):
                return "a signal's receiver"
    if _is_connected(function.name, context) or (outside.kind is MODULE and _receives(function)):
        return "a signal's receiver"
    return None


def _is_model(region: Region, function: ast.FunctionDef, context: Context) -> bool:
    """Whether a class is a Django model: by its bases, or as its `save` calls the one above."""
    node = region.node
    if not isinstance(node, ast.ClassDef):
        return False
    outside = region.parent or region
    for base, scope in context.model.resolver.bases(node, outside):
        name = context.resolve.qualname(base, scope) or ""
        if name == MODEL:
            return True
        if name.startswith(("django.forms", "rest_framework", "django.contrib.admin")):
            return False
    if not any(name in context.module.text for name in ("django.db", "models.")):
        return False
    calls = (inner for inner in ast.walk(function) if isinstance(inner, ast.Call))
    above = any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in SAVING
        and isinstance(call.func.value, ast.Call)
        and getattr(call.func.value.func, "id", "") == "super"
        for call in calls
    )
    names = (getattr(base, "id", "") or getattr(base, "attr", "") for base in node.bases)
    return above and not any(name.endswith(("Form", "Serializer", "Admin")) for name in names)


def _signals(node: ast.expr, region: Region, context: Context) -> bool:
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    return any(context.resolve.qualname(part, region) in SIGNALS for part in parts)


def _receives(function: ast.FunctionDef) -> bool:
    """Whether a function takes what Django's model signals give: `sender`, `instance` and more."""
    arguments = function.args
    names = [parameter.arg for parameter in (*arguments.args, *arguments.kwonlyargs)]
    if names[:1] != ["sender"] or arguments.kwarg is None:
        return False
    if "instance" in names:
        return True
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == arguments.kwarg.arg
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == "instance"
        for node in ast.walk(function)
    )


def _is_connected(name: str, context: Context) -> bool:
    """Whether `post_save.connect(name)` stands in this module."""
    for call, _, region in context.model.candidates.attribute_calls.get("connect", ()):
        assert isinstance(call.func, ast.Attribute)
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Name) and first.id == name:
            if context.resolve.qualname(call.func.value, region) in SIGNALS:
                return True
    return False
