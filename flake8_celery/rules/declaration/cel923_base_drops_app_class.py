"""`base=` with a class that does not derive from the application's own Task class.

## What happens

`base=` replaces the application's Task class. Where that class overrides `__call__`, to run each task
inside Flask's application context or in a span, a task with another base runs without it:
`RuntimeError: Working outside of application context` in the worker, no trace, no tenant.

```python bad
from celery import Celery, Task
from celery_once import QueueOnce
from shop.web import flask_app

class ContextTask(Task):
    def __call__(self, *args, **kwargs):
        with flask_app.app_context():
            return self.run(*args, **kwargs)

app = Celery("shop", task_cls=ContextTask)
app.config_from_object("shop.settings")

@app.task(base=QueueOnce)
               ^^^^^^^^^ CEL923
def reindex(category): ...
```

## Use instead

```python good
from celery import Celery, Task
from celery_once import QueueOnce
from shop.web import flask_app

class ContextTask(Task):
    def __call__(self, *args, **kwargs):
        with flask_app.app_context():
            return self.run(*args, **kwargs)

app = Celery("shop", task_cls=ContextTask)
app.config_from_object("shop.settings")

class OnceInContext(QueueOnce, ContextTask):
    abstract = True

@app.task(base=OnceInContext)
def reindex(category): ...
```

## Exceptions

Bases that can't be read and are of the project's own; `app.Task` is the application's class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, dotted, rule
from flake8_celery.core.model import Task, TaskClass
from flake8_celery.core.model.model import Model

_CELERY = ("celery.Task", "celery.app.Task", "celery.app.task.Task", "celery.task.Task")
_HARMLESS = frozenset({"object", "abc.ABC", "typing.Generic", "typing.Protocol"})


@rule(
    "CEL923",
    "base-drops-app-class",
    pylint="W8757",
    on=Task,
    words=("base",),
    message="%s is not derived from the application's Task class: its %s doesn't run, use both",
)
def check(fact: Task, context: Context) -> Iterator[Problem]:
    option = fact.own("base")
    if option is None or option.keyword is None:
        return
    model = context.model
    application = fact.full_application
    if application is None or not application.known:
        return
    own = model.class_of_application(application)
    lost = [name for name in ("__call__", "run") if name in own.methods]
    if not lost:
        return
    if not _drops(option.value, option.region, own, fact.base, model):
        return
    shown = dotted(option.value) or "base"
    yield Problem(option.value, (shown, lost[0]))


def _drops(node: ast.expr, region: Region, own: TaskClass, base: TaskClass, model: Model) -> bool:
    """Whether a base surely is another class than the application's, and derives from none such."""
    theirs = {id(method) for method in (*own.methods.values(), *own.calls)}
    if any(id(method) in theirs for method in (*base.methods.values(), *base.calls)):
        return False
    if base.complete:
        return not _is_app_attribute(node, region, model)
    return _is_foreign(node, region, model)


def _is_app_attribute(node: ast.expr, region: Region, model: Model) -> bool:
    """`app.Task`, whatever the application is called, and `celery.Task` of an app of that name."""
    return isinstance(node, ast.Attribute) and (
        model.application(node.value, region) is not None
        or model.resolver.qualname(node, region) not in _CELERY
    )


def _is_foreign(node: ast.expr, region: Region, model: Model, depth: int = 0) -> bool:
    """Whether a class is an installed package's, or made of such, and of Celery's Task, alone."""
    found = model.resolver.definition(node, region)
    home = model
    name = model.resolver.qualname(node, region)
    if found is None:
        if name is None or name.startswith("."):
            return False
        if name in _CELERY or name in _HARMLESS:
            return True
        there = model.find(name)
        if there is None:
            root = name.partition(".")[0]
            return "." in name and model.project.locate(root) is None and root != "celery"
        home = model.neighbours(there[0]).model
        bindings = home.module.region.bindings.get(there[1])
        if not bindings or len(bindings) != 1:
            return False
        found = bindings[0].node, bindings[0].scope
    cls, scope = found
    if not isinstance(cls, ast.ClassDef) or depth > 5 or not cls.bases:
        return False
    return all(_is_foreign(base, scope, home, depth + 1) for base in cls.bases)
