"""A beat entry whose arguments do not fit its task.

## What happens

Beat sends the entry through the task, which checks its arguments: TypeError, each time it is due. It
is written to beat's log and nowhere else, and the task never runs. Where beat does not know the task,
the worker fails instead.

```python bad
from celery import Celery

app = Celery("shop")

@app.task(name="shop.clean")
def clean(days): ...

app.conf.beat_schedule = {
    "clean": {"task": "shop.clean", "schedule": 60.0},
                      ^^^^^^^^^^^^ CEL705
    "more": {"task": "shop.clean", "schedule": 60.0, "args": (1, 2)},
                                                             ^^^^^^ CEL705
    "named": {"task": "shop.clean", "schedule": 60.0, "kwargs": {"day": 1}},
                                                                ^^^^^^^^^^ CEL705
}
```
```python bad
from celery import Celery

app = Celery("shop")

@app.task
def clean(days): ...

@app.on_after_configure.connect
def schedule(sender, **kwargs):
    sender.add_periodic_task(60.0, clean.s())
                                   ^^^^^^^^^ CEL705
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")

@app.task(name="shop.clean")
def clean(days): ...

app.conf.beat_schedule = {
    "clean": {"task": "shop.clean", "schedule": 60.0, "args": (30,)},
    "named": {"task": "shop.clean", "schedule": 60.0, "kwargs": {"days": 30}},
}

@app.on_after_configure.connect
def schedule(sender, **kwargs):
    sender.add_periodic_task(60.0, clean.s(), (30,))
```

## Exceptions

Arguments that can't be read, and tasks whose parameters can't. A task that forgot `bind=True` is
reported where it stands (CEL902).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.contract.binding import CallShape, Parameters, describe, misfit, shape
from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.messages.sent_task import entry_task, locked, periodic_task
from flake8_celery.core.model import BeatEntry, Fact, Periodic, Task

_TOLD = {
    "too-many": "too many arguments",
    "twice": "%s is given twice",
    "unknown": "there is no parameter %s",
    "missing": "%s is missing",
    "positional-only": "%s can't be given by keyword",
}


@rule(
    "CEL705",
    "schedule-arguments",
    pylint="E8705",
    on=(BeatEntry, Periodic),
    message="these arguments don't fit %s, %s: %s each time it is due, and the task never runs",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, BeatEntry):
        if not fact.complete or "task" not in fact.fields:
            return
        args, kwargs = fact.fields.get("args"), fact.fields.get("kwargs")
        call = _given(
            args[1] if args else None, kwargs[1] if kwargs else None, fact.region, context
        )
        place: ast.AST = (kwargs or args or fact.fields["task"])[1]
        task = entry_task(fact, context.model)
        if task is not None:
            yield from _judge(task, call, place, None)
        else:
            yield from _judge_locked(fact, call, place, context)
        return
    assert isinstance(fact, Periodic)
    task = periodic_task(fact, context.model)
    target = fact.arguments.get("sig", 1)
    if task is None or target is None or fact.arguments.splat or fact.arguments.splat_keywords:
        return
    more = _given(
        fact.arguments.get("args", 2), fact.arguments.get("kwargs", 3), fact.region, context
    )
    if isinstance(target, ast.Call):
        dispatch = context.model.dispatches.get(target)
        if dispatch is None or dispatch.method not in ("s", "si"):
            return
        own = shape(target.args, target.keywords)
        call = own if dispatch.method == "si" else _joined(own, more)
    else:
        call = more
    yield from _judge(task, call, target, target)


def _judge(
    task: Task, call: CallShape | None, place: ast.AST, subject: ast.AST | None
) -> Iterator[Problem]:
    parameters = of_task(task)
    if call is None or isinstance(parameters, Unknown):
        return
    if not task.bind and parameters.positional[:1] == ("self",):
        return
    yield from _refused(parameters, task.name, call, place, subject)


def _judge_locked(
    fact: BeatEntry, call: CallShape | None, place: ast.AST, context: Context
) -> Iterator[Problem]:
    """A task that is out of sight, as the lock knows it."""
    name = context.text(fact.fields["task"][1], fact.region)
    lock = locked(context.model) if name is not None else None
    contract = lock.tasks.get(name or "") if lock is not None else None
    if contract is None or call is None or isinstance(contract.signature, Unknown):
        return
    parameters = contract.signature._replace(checked=False)
    yield from _refused(parameters, contract.qualname, call, place, None)


def _refused(
    parameters: Parameters, name: str, call: CallShape, place: ast.AST, subject: ast.AST | None
) -> Iterator[Problem]:
    found = misfit(parameters, call)
    if found is not None:
        told = _TOLD[found.kind]
        why = told % found.name if "%s" in told else told
        where = "TypeError in beat" if found.sending else "TypeError in the worker"
        yield Problem(place, (describe(parameters, name), why, where), subject)


def _given(
    args: ast.expr | None, kwargs: ast.expr | None, region: Region, context: Context
) -> CallShape | None:
    """What `args` and `kwargs` hold; None where one is of a shape that other rules judge."""
    count, more = 0, False
    names: set[str] = set()
    more_names = False
    if args is not None:
        found = context.resolve.expressions(args, region)
        value = found[0][0] if not isinstance(found, Unknown) and len(found) == 1 else None
        if isinstance(value, (ast.Tuple, ast.List)):
            count = sum(not isinstance(item, ast.Starred) for item in value.elts)
            more = count < len(value.elts)
        elif isinstance(value, ast.Constant):
            if value.value is not None:
                return None
        else:
            more = True
    if kwargs is not None:
        found = context.resolve.expressions(kwargs, region)
        value = found[0][0] if not isinstance(found, Unknown) and len(found) == 1 else None
        if isinstance(value, ast.Dict):
            for key in value.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    names.add(key.value)
                else:
                    more_names = True
        elif isinstance(value, ast.Constant):
            if value.value is not None:
                return None
        else:
            more_names = True
    return CallShape(count, frozenset(names), more, more_names)


def _joined(own: CallShape, more: CallShape | None) -> CallShape | None:
    """The signature's arguments with those of `add_periodic_task`, which come first."""
    if more is None:
        return None
    return CallShape(
        own.positional + more.positional,
        own.keywords | more.keywords,
        own.more_positional or more.more_positional,
        own.more_keywords or more.more_keywords,
    )
