"""Two tasks under one name.

## What happens

A worker knows one task a name. Which of the two it is depends on the order in a set: it may change
with the next start. Both names in Python then send the same task, and the other body never runs.

```python bad
from celery import Celery

app = Celery("shop")

@app.task(name="shop.remind")
def remind_customer(pk): ...

@app.task(name="shop.remind")
          ^^^^^^^^^^^^^^^^^^ CEL910
def remind_seller(pk): ...
```
```python bad
from celery import shared_task

class Orders:
    @shared_task
    def export(): ...

class Bills:
    @shared_task
    def export(): ...
        ^^^^^^ CEL910
```

## Use instead

```python good
from celery import Celery, shared_task

app = Celery("shop")

@app.task(name="shop.remind_customer")
def remind_customer(pk): ...

@app.task(name="shop.remind_seller")
def remind_seller(pk): ...

class Orders:
    @shared_task(name="shop.orders.export")
    def export(): ...

class Bills:
    @shared_task(name="shop.bills.export")
    def export(): ...
```

## Exceptions

Tasks in branches of which one is taken, tasks made inside functions, and tasks of two applications.
Tasks of different modules are compared where a lock (`flake8-celery lock`) knows the other one, and by
pylint where it is run over several files.

```python good
from celery import shared_task

try:
    import rich
except ImportError:
    @shared_task
    def show(): ...
else:
    @shared_task
    def show(): ...
```
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, defined_name, dotted, rule
from flake8_celery.core.messages.sent_task import locked
from flake8_celery.core.model import Task
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.names import names_of
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.regions import CLASS, MODULE, WITH
from flake8_celery.core.values.read import read
from flake8_celery.notes import Slot


@rule(
    "CEL910",
    "duplicate-name",
    pylint="E8760",
    on=Task,
    message="a task at %s has the name %r too: an arbitrary one of them is run, the other never",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if not _always(task):
        return
    other = _above(task, context.model) or _elsewhere(task, context.model)
    if other is not None:
        own = task.own("name")
        place = own.keyword if own is not None and own.keyword is not None else None
        where = place or defined_name(task.node, context.module)
        yield Problem(where, (other.place(task), name_of(task).value))


def _above(task: Task, model: Model) -> Task | None:
    """A task of the same module and name that stands before this one."""
    tasks = model.of(Task)
    if len(tasks) < 2:
        return None
    line = getattr(task.node, "lineno", 0)
    named = _NAMED.of(model.notes)
    if not named:
        for place, other in enumerate(tasks):
            # those of the same function's name, which most often are one, and all others
            named.setdefault(other.name if _is_automatic(other) else "", []).append((place, other))
    name: str | None = None
    if _is_automatic(task):
        same = named[task.name]
        if len(same) < 2 and "" not in named:
            return None
        name = name_of(task).value
    else:
        name = name_of(task).value
        same = named.get((name or "").rpartition(".")[2], [])
    if name is None:
        return None
    others = same + _by_name(model, named.get("", [])).get(name, [])
    for _, other in sorted(others, key=lambda one: one[0]):
        above = getattr(other.node, "lineno", 0) < line
        if above and _always(other) and name_of(other).value == name and _one_app(task, other):
            return other
    return None


_NAMED: Final[Slot[dict[str, list[tuple[int, Task]]]]] = Slot(dict)
"""The tasks of a module by their function's name; under "" those that may be called anything."""
_BY_NAME: Final[Slot[dict[str | None, list[tuple[int, Task]]]]] = Slot(dict)


def _by_name(
    model: Model, tasks: list[tuple[int, Task]]
) -> dict[str | None, list[tuple[int, Task]]]:
    """These tasks by what they are called."""
    known = _BY_NAME.of(model.notes)
    for place, task in tasks if not known else ():
        known.setdefault(name_of(task).value, []).append((place, task))
    return known


def _elsewhere(task: Task, model: Model) -> Task | None:
    """The task that has this name in the lock, where its file still makes it."""
    lock = locked(model)
    name = name_of(task).value if lock is not None else None
    if lock is None or name is None or name not in lock.tasks:
        return None
    path = os.path.normpath(os.path.join(lock.folder, lock.tasks[name].file))
    if path == model.project.path:
        return None
    there = read(model.project, path)
    other = names_of(facts_of(there).model).tasks.get(name) if there is not None else None
    if other is None or not _always(other):
        return None
    shared = "shared" in (task.style, other.style)
    same = configuration_of(model, task) is configuration_of(model, other)
    return other if shared or same else None


def _is_automatic(task: Task) -> bool:
    """Whether its name surely is the automatic one, which ends in the function's."""
    return (
        task.style in ("app", "shared")
        and not task.below
        and not task.arguments.splat_keywords
        and "name" not in task.arguments.keywords
    )


def _always(task: Task) -> bool:
    """Whether the task is made whenever the module is imported; a class is not until registered."""
    return task.style != "class" and all(
        around.kind in (MODULE, CLASS, WITH) for around in task.region
    )


def _one_app(task: Task, other: Task) -> bool:
    """Whether both are, or may be, made by one application; shared tasks belong to all."""
    names = [_app(each) for each in (task, other)]
    return None in names or names[0] == names[1]


def _app(task: Task) -> str | None:
    decorator: ast.expr | None = task.decorator
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    if func is None and task.call is not None:
        func = task.call.func
    if task.style != "app" or not isinstance(func, ast.Attribute):
        return None
    return dotted(func.value)
