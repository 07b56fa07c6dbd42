"""A task option that Celery does not know.

## What happens

A task decorator takes any keyword and makes a class attribute of it. A misspelt option has no effect
and nothing says so.

```python bad
from celery import shared_task

@shared_task(max_retires=5, acks_lates=True, timeout=30)
             ^^^^^^^^^^^ CEL903
                            ^^^^^^^^^^ CEL903
                                             ^^^^^^^ CEL903
def fetch(): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(max_retries=5, acks_late=True, time_limit=30)
def fetch(): ...
```

## Exceptions

Only names near a legal one and known confusions are reported. An attribute of the task's own class
passes, and so does everything where that class can't be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, name_of, rule
from flake8_celery.core.model import Task
from flake8_celery.facts.confusions import TASK_OPTION_CONFUSIONS, near_miss
from flake8_celery.facts.task import IGNORED_TASK_OPTIONS, TASK_ATTRIBUTES, TASK_OPTIONS

_LEGAL = tuple(sorted(TASK_OPTIONS))


@rule(
    "CEL903",
    "unknown-task-option",
    pylint="E8722",
    on=Task,
    message="%s is no task option and has no effect: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style == "class":
        return
    for name, keyword in task.arguments.keywords.items():
        if name in TASK_OPTIONS or name in IGNORED_TASK_OPTIONS or name in TASK_ATTRIBUTES:
            continue
        hint = TASK_OPTION_CONFUSIONS.get(name)
        if hint is None:
            meant = near_miss(name, _LEGAL)
            hint = f"did you mean {meant}?" if meant else None
        if hint is None or not task.base.lacks(name) or _read_back(task, name, context):
            continue
        yield Problem(name_of(keyword), (name, hint))


def _read_back(task: Task, name: str, context: Context) -> bool:
    """Whether the module itself reads the attribute: then it has an effect after all."""
    return context.module.says(f".{name}")
