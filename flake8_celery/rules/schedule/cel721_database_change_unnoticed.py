"""A change of beat's database that beat is not told of.

## What happens

django-celery-beat learns of a change by Django's signals. `update()`, `bulk_update()` and
`bulk_create()` send none: beat goes on with what it has read, and sends a task that was switched off
for up to five minutes more. `PeriodicTasks.changed()` wants the object that was changed, and raises
TypeError without it.

```python bad
from django_celery_beat.models import PeriodicTask, PeriodicTasks

def switch_off(name):
    PeriodicTask.objects.filter(name=name).update(enabled=False)
                                           ^^^^^^ CEL721

def switch_on(name):
    PeriodicTask.objects.filter(name=name).update(enabled=True)
                                           ^^^^^^ CEL721
    PeriodicTasks.changed()
                  ^^^^^^^ CEL721
```

## Use instead

```python good
from django_celery_beat.models import PeriodicTask, PeriodicTasks

def switch_off(name):
    PeriodicTask.objects.filter(name=name).update(enabled=False)
    PeriodicTasks.update_changed()
```

Or save each object, which sends the signal.

## Exceptions

Migrations, which run before beat does. A module that speaks of `update_changed`, or calls a function
of the project that does; an object that is saved afterwards.

```python good
from django_celery_beat.models import PeriodicTask

def rename(entry):
    entry = PeriodicTask.objects.get(name=entry)
    PeriodicTask.objects.filter(queue="old").update(queue="new")
    entry.description = "moved"
    entry.save()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, called_name, rule
from flake8_celery.core.settings.library import CREATING, UNNOTICED, StoreCall, store_of
from flake8_celery.core.syntax.flow import walk
from flake8_celery.rules.schedule.stored import in_migration

_TELLING = frozenset({"update_changed", "changed"})
_SAVING = CREATING | {"save", "delete", "asave", "adelete", *(f"a{name}" for name in CREATING)}


@rule(
    "CEL721",
    "database-change-unnoticed",
    pylint="E8769",
    on=StoreCall,
    message="%s: %s",
)
def check(fact: StoreCall, context: Context) -> Iterator[Problem]:
    if fact.store.kind == "changes":
        if fact.method == "changed" and not fact.call.args and not fact.call.keywords:
            told = "changed() wants the changed object and raises TypeError: call update_changed()"
            yield Problem(called_name(fact.call), (fact.name, told))
        return
    if fact.method not in UNNOTICED or not fact.store.is_model:
        return
    if in_migration(context) or _is_told(fact, context):
        return
    told = f"{fact.method}() sends no signal, so beat goes on with the old rows for up to 300 s"
    yield Problem(
        called_name(fact.call), (fact.name, f"{told}: call PeriodicTasks.update_changed()")
    )


def _is_told(fact: StoreCall, context: Context) -> bool:
    """Whether the module tells beat of changes, or saves an object after this one."""
    if context.module.says("update_changed"):
        return True
    for region in fact.region:
        if isinstance(region.node, FunctionNode):
            if any(_tells(node, region, fact) for node in walk(region.node.body, nested=True)):
                return True
            return any(
                _is_helper(node, region, context)
                for node in walk(region.node.body)
                if isinstance(node, ast.Call)
            )
    return False


def _tells(node: ast.AST, region: Region, fact: StoreCall) -> bool:
    """Whether a node names a method that sends the signal, after the change or of all rows."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "changed" and (node.args or node.keywords):
            return True
        if node.func.attr in _SAVING and node.lineno > fact.call.lineno:
            store = store_of(node.func.value, region, fact.model, instances=True)
            return store is not None and store.is_model
    return False


def _is_helper(call: ast.Call, region: Region, context: Context) -> bool:
    """Whether a function of the project's own is called that tells beat."""
    if not isinstance(call.func, (ast.Name, ast.Attribute)):
        return False
    found = context.model.function_at(call.func, region)
    return found is not None and any(
        isinstance(inner, ast.Attribute) and inner.attr in _TELLING for inner in walk(found[0].body)
    )
