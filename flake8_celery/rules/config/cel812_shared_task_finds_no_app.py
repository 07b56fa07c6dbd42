"""Shared tasks are sent by another application than the one that a function makes.

## What happens

`@shared_task` sends by the current application. `Celery(...)` makes itself current in the thread that
calls it, and in no other: where it is made in a function without `set_default()`, other threads of a
web server send to `amqp://localhost`. In a Django project the first application is every thread's
default; one that a function makes for a moment takes the shared tasks of its thread away from it.

```python bad
from celery import Celery, shared_task

def make_celery(flask_app):
    celery = Celery(flask_app.import_name, broker="redis://queue.shop.example")
             ^^^^^^ CEL812
    return celery

@shared_task
def recount(shelf): ...

def view(shelf):
    recount.delay(shelf)
```

## Use instead

```python good
from celery import Celery, shared_task

def make_celery(flask_app):
    celery = Celery(flask_app.import_name, broker="redis://queue.shop.example")
    celery.set_default()
    return celery

@shared_task
def recount(shelf): ...

def view(shelf):
    recount.delay(shelf)
```
```python good
from celery import Celery

def purge(url):
    Celery(broker=url, set_as_current=False).control.purge()
```

## Exceptions

Projects that send no shared task in sight, `set_as_current=False`, and in a Django project functions
that return the application.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Arguments, ImportedName
from flake8_celery.core.model.purpose import is_for_development
from flake8_celery.core.settings.built import Built, built, said, uses
from flake8_celery.core.syntax.search import Search

_IMPORTS = frozenset({"celery", "celery.Celery", "celery.app.Celery", "celery.app.base.Celery"})
_SHARED = Search(r"(?m)^\s*@(?:celery\.)?shared_task\b", ("shared_task",))
_SENT = Search(
    r"\.(?:delay|apply_async)(?:_on_commit)?\(",
    (".delay(", ".apply_async(", ".delay_on_commit(", ".apply_async_on_commit("),
)
_DEFAULT = Search(r"\.set_default\(|\bset_default_app\(", ("set_default",))
_DJANGO = Search(
    r"DJANGO_SETTINGS_MODULE|\bINSTALLED_APPS\b", ("DJANGO_SETTINGS_MODULE", "INSTALLED_APPS")
)


@rule(
    "CEL812",
    "shared-task-finds-no-app",
    pylint="W8755",
    on=ImportedName,
    words=("Celery",),
    message="this application is current in its thread alone, %s: %s",
    yields_to=("CEL811",),
)
def check(fact: ImportedName, context: Context) -> Iterator[Problem]:
    model = context.model
    if fact.target not in _IMPORTS or is_for_development(model):
        return
    if next((other for other in model.of(ImportedName) if other.target in _IMPORTS), 0) is not fact:
        return
    made = [each for each in built(model) if _is_current(each)]
    if not made:
        return
    default, shared, sent, django = said(model, (_DEFAULT, _SHARED, _SENT, _DJANGO))
    if default or not shared or not sent:
        return
    for application in made:
        returned = _is_returned(application, context)
        if returned and not django:
            told = "other threads send shared tasks to amqp://localhost", "call set_default() on it"
        elif not returned:
            told = (
                "shared tasks that it sends from now on go by this one",
                "pass set_as_current=False",
            )
        else:
            continue
        yield Problem(application.call.func, told, application.call)


def _is_current(application: Built) -> bool:
    """Whether a function, and no test's, makes an application and Celery makes it the current one."""
    function = application.function
    if function is None or function.name.startswith(("test", "setUp")):
        return False
    return Arguments(application.call).lacks("set_as_current", 7)


def _is_returned(application: Built, context: Context) -> bool:
    """Whether the function hands it out, so that it lives as long as the program may."""
    if isinstance(application.statement, ast.Return) or application.name == "?":
        return True
    if not application.name:
        return isinstance(application.statement, ast.Assign)
    function = application.function
    assert function is not None
    outer = context.model.candidates.scopes.get(function)
    if outer is not None and application.name in getattr(outer, "outer_names", ()):
        return True
    return any(
        not use.attribute and use.around and not isinstance(use.around[0], ast.expr)
        for use in uses(application, context.model)
    )
