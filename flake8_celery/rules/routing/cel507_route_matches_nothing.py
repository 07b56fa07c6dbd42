"""A route that no task matches.

## What happens

Tasks are renamed or moved, and the route stays: from then on they go to the default queue. A key that
names a module is no pattern either: only `*` is.

```python bad file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_receipt(pk): ...

app.conf.task_routes = {"tasks.send_reciept": {"queue": "mail"}}
                        ^^^^^^^^^^^^^^^^^^^^ CEL507
```

The name of a module is no pattern for the tasks in it:

```python bad file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_receipt(pk): ...

app.conf.task_routes = {"tasks": {"queue": "mail"}, "tasks.send_*": {"queue": "post"}}
                        ^^^^^^^ CEL507
```

## Use instead

```python good file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_receipt(pk): ...

app.conf.task_routes = {"tasks.send_*": {"queue": "mail"}}
```

## Exceptions

Names outside of this project's packages. Without a lock (`flake8-celery lock`) flake8 reports only a
name that is spelled almost like a task of the very module that it names, a key that is a module or
package with tasks, and a pattern for a package spelled almost like one; with one, all patterns.
pylint needs no lock where it is run over several files.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.routes import matches, spots
from flake8_celery.core.messages.sent_task import (
    Missing,
    is_ours,
    locked,
    module_alike,
    names_plainly,
    unknown_task,
)
from flake8_celery.core.model import Setting
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.names import names_in, task_named


@rule(
    "CEL507",
    "route-matches-nothing",
    pylint="W8629",
    on=Setting,
    message="no task is named %r%s: what this route is for goes to the default queue",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != "task_routes":
        return
    for spot in spots(fact, context.resolve):
        if spot.key is None:
            continue
        texts = context.every(spot.key, spot.region, lambda text: isinstance(text, str))
        if len(texts) != 1:
            continue
        name = str(texts[0])
        if "*" in name:
            meant = _misspelt_package(name, context.model)
            if meant is not None or _matches_nothing(name, context.model):
                yield Problem(spot.key, (name, f", did you mean {meant!r}?" if meant else ""))
            continue
        if any(sign in name for sign in "?[]\\^$|()+"):
            continue  # no name either, which CEL506 says
        if _is_module(name, context.model):
            hint = f", that is a module: for its tasks write '{name}.*'"
            yield Problem(spot.key, (name, hint))
            continue
        missing = unknown_task(name, context.model) if "." in name else _bare(name, context.model)
        if missing is not None:
            hint = f", did you mean {missing.meant!r}?" if missing.meant else ""
            yield Problem(spot.key, (name, hint))


def _bare(name: str, model: Model) -> Missing | None:
    """For the name of a function of this module, the name that its task has."""
    module = model.project.module_name()
    names = names_in(module, model) if module is not None else None
    if names is None or name in names.tasks or not names_plainly(model):
        return None
    lock = locked(model)
    full = f"{module}.{name}"
    return Missing(full) if full in names.tasks and not (lock and name in lock.tasks) else None


def _tasks_below(module: str, model: Model) -> set[str]:
    """The names of the tasks that a module holds, or the `tasks` module of a package."""
    found = (names_in(name, model) for name in (module, f"{module}.tasks"))
    return {name for names in found if names is not None for name in names.tasks}


def _is_module(name: str, model: Model) -> bool:
    """Whether a key names a module or package that holds tasks, and no task."""
    lock = locked(model)
    if (lock is not None and name in lock.tasks) or task_named(name, model) is not None:
        return False
    return any(task.startswith(f"{name}.") for task in _tasks_below(name, model))


def _misspelt_package(pattern: str, model: Model) -> str | None:
    """`shop.mail.*` for `shpo.mail.*`, where nothing has that name and tasks match the other."""
    if not pattern.endswith(".*") or pattern.count("*") > 1:
        return None
    meant = module_alike(pattern[:-2], model)
    if meant is None:
        return None
    right = f"{meant}.*"
    return right if any(matches(right, task) for task in _tasks_below(meant, model)) else None


def _matches_nothing(pattern: str, model: Model) -> bool:
    """Whether a pattern under a package of the project matches no task that the lock knows."""
    lock = locked(model)
    head = pattern.partition("*")[0]
    if lock is None or not names_plainly(model) or not is_ours(head, lock):
        return False
    if any(matches(pattern, name) for name in lock.tasks):
        return False
    module = head.rpartition(".")[0]
    while module:
        names = names_in(module, model)
        if names is not None:
            return names.complete and not any(matches(pattern, name) for name in names.tasks)
        if model.project.locate(module) is not None:
            return False  # there, and can't be read
        module = module.rpartition(".")[0]
    return True
