"""`delay_on_commit` on something that has no such method.

## What happens

Only Celery's `DjangoTask` has `delay_on_commit` and `apply_async_on_commit`. A Django project's tasks are
of that class until a Task class of its own takes its place: one that derives from `celery.Task` lacks
them, and signatures never have them. AttributeError, and nothing is sent.

```python bad
from celery import Celery, Task

class TenantTask(Task):
    abstract = True

app = Celery("shop", task_cls=TenantTask)

@app.task
def recount(shelf): ...

def view(request, shelf):
    recount.delay_on_commit(shelf)
            ^^^^^^^^^^^^^^^ CEL206
    recount.s(shelf).delay_on_commit()
                     ^^^^^^^^^^^^^^^ CEL206
```

## Use instead

```python good
from celery import Celery
from celery.contrib.django.task import DjangoTask
from django.db import transaction

class TenantTask(DjangoTask):
    abstract = True

app = Celery("shop", task_cls=TenantTask)

@app.task
def recount(shelf): ...

def view(request, shelf):
    recount.delay_on_commit(shelf)
    transaction.on_commit(recount.s(shelf).delay)
```

## Exceptions

A Task class that can't be read down to Celery's, or that has the methods itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, called_name, rule
from flake8_celery.core.model import Arguments, Dispatch, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.values.classes import class_of, mro
from flake8_celery.core.values.protocol import Class, Resolver

#: Celery's own classes that have no methods for transactions.
_PLAIN: Final = frozenset(
    {"celery.Task", "celery.app.Task", "celery.app.task.Task", "celery.task.Task"}
)
_TASK_CLS: Final = 14
"""The position of `task_cls` among the arguments of `Celery`."""


@rule(
    "CEL206",
    "no-on-commit-method",
    pylint="W8505",
    on=Dispatch,
    words=("_on_commit",),
    message="%s has no %s, AttributeError and nothing is sent: %s",
    raises=("AttributeError",),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if not fact.method.endswith("_on_commit"):
        return
    place = called_name(fact.node)
    if fact.on == "signature":
        told = "use transaction.on_commit"
        yield Problem(place, ("a signature", fact.method, told))
        return
    task = fact.resolved_task()
    if task is None or not task.base.lacks(fact.method) or context.options.celery_task_class:
        return
    name = _plain_class(task)
    if name:
        told = "derive it from celery.contrib.django.task.DjangoTask"
        yield Problem(place, (f"its Task class {name}", fact.method, told))


def _plain_class(task: Task) -> str:
    """The Task class of the project that surely derives from Celery's plain Task; else empty."""
    home: Resolver = model_of(task).resolver
    if isinstance(task.node, ast.ClassDef):
        cls: Class | None = Class(task.node, task.region, home)
    else:
        place = _written(task)
        cls = class_of(place[2], place[0], place[1]) if place is not None else None
        if place is not None and place[2].qualname(place[0], place[1]) in _PLAIN:
            return "celery.Task"
    if cls is None:
        return ""
    plain = False
    for each in mro(cls):
        if each is None:
            break
        for base in each.node.bases:
            if class_of(each.home, base, each.region) is not None:
                continue
            name = each.home.qualname(base, each.region)
            if name not in _PLAIN:
                return ""  # DjangoTask, app.Task, a library's
            plain = True
    return cls.node.name if plain else ""


def _written(task: Task) -> tuple[ast.expr, Region, Resolver] | None:
    """The expression that names the Task class: `base=`, or `task_cls=` of the application."""
    keyword = task.arguments.keywords.get("base")
    if keyword is not None:
        return keyword.value, task.options_region, model_of(task).resolver
    if task.splatted():
        return None
    application = task.full_application
    if application is None or application.region is None or application.home is None:
        return None
    if not isinstance(application.node, ast.Call):
        return None
    given = Arguments(application.node).get("task_cls", _TASK_CLS)
    if given is None:
        return None
    return given, application.region, application.home.region.owner
