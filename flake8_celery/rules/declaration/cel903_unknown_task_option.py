"""A task option that Celery does not know.

## What happens

A task decorator takes any keyword and makes a class attribute of it, and `task_annotations` sets any
attribute. A misspelt option has no effect and nothing says so.

```python bad
from celery import shared_task

@shared_task(max_retires=5, acks_lates=True, timeout=30)
             ^^^^^^^^^^^ CEL903
                            ^^^^^^^^^^ CEL903
                                             ^^^^^^^ CEL903
def fetch(): ...
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_annotations = {"shop.fetch": {"rate_limt": "10/s"}}
                                            ^^^^^^^^^^^ CEL903
```

## Use instead

```python good
from celery import shared_task

@shared_task(max_retries=5, acks_late=True, time_limit=30)
def fetch(): ...
```

## Exceptions

Only names near a legal one and known confusions are reported. An attribute of the task's own class
passes. Where that class can't be read, only options misspelt and those of a call are told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.model import Setting, Task
from flake8_celery.tables.confusions import TASK_OPTION_CONFUSIONS, near_miss
from flake8_celery.tables.execution import APPLY_ASYNC, RETRY_POLICY
from flake8_celery.tables.task import IGNORED_TASK_OPTIONS, TASK_ATTRIBUTES, TASK_OPTIONS

_LEGAL = tuple(sorted(TASK_OPTIONS))
_POLICY = RETRY_POLICY - TASK_OPTIONS


@rule(
    "CEL903",
    "unknown-task-option",
    pylint="E8722",
    on=(Task, Setting),
    message="%s is no task option and has no effect: %s",
)
def check(fact: Task | Setting, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Setting):
        yield from _annotations(fact, context)
        return
    task = fact
    if task.style == "class":
        return
    for name, keyword in task.arguments.keywords.items():
        if name in TASK_OPTIONS or name in IGNORED_TASK_OPTIONS or name in TASK_ATTRIBUTES:
            continue
        hint = _hint(name)
        if hint is None or not _unheard(task, name) or _read_back(task, name, context):
            continue
        # what belongs into a retry_policy is one mistake, however many of its keys are given
        alike = [other for other in task.arguments.keywords if other in _POLICY]
        if name not in _POLICY or name == alike[0]:
            shown = ", ".join(alike) if name in _POLICY else name
            yield Problem(keyword_name(keyword), (shown, hint))


def _hint(name: str) -> str | None:
    """What to write in place of a name that is no option, or None where that can't be told."""
    hint = TASK_OPTION_CONFUSIONS.get(name)
    meant = near_miss(name, _LEGAL) if hint is None else None
    return f"did you mean {meant}?" if meant else hint


def _unheard(task: Task, name: str) -> bool:
    """Whether the Task class lacks it: surely what is one of Celery's own names misspelt."""
    if near_miss(name, _LEGAL) is not None or name in APPLY_ASYNC:
        return task.base.would_lack(name)
    return task.base.lacks(name)


def _annotations(fact: Setting, context: Context) -> Iterator[Problem]:
    """The keys of `task_annotations = {"shop.charge": {"rate_limit": "10/s"}}`."""
    if fact.key != "task_annotations":
        return
    if fact.how == "[]":
        found = context.resolve.expressions(fact.value, fact.region)
        inner = [] if isinstance(found, Unknown) else list(found)
    else:
        tables = context.resolve.expressions(fact.value, fact.region)
        inner = [
            (value, region)
            for table, region in (() if isinstance(tables, Unknown) else tables)
            if isinstance(table, ast.Dict)
            for key, value in zip(table.keys, table.values, strict=True)
            if key is not None
        ]
    for options, _ in inner:
        for key in options.keys if isinstance(options, ast.Dict) else ():
            name = key.value if isinstance(key, ast.Constant) else None
            if not isinstance(name, str) or name in TASK_OPTIONS or name in TASK_ATTRIBUTES:
                continue
            hint = _hint(name)
            if hint is not None and not name.startswith("@") and key is not None:
                yield Problem(key, (name, hint), key)


def _read_back(task: Task, name: str, context: Context) -> bool:
    """Whether the module itself reads the attribute: then it has an effect after all."""
    return context.module.says(f".{name}")
