"""A task option with the name of a method of the task.

## What happens

Options become attributes of the task's class, in front of Celery's own. `delay=10` makes `task.delay()`
raise `TypeError: 'int' object is not callable`; `retry=`, `s=`, `request=` and the like are gone in the
same way, and `run=` replaces the function. A hook such as `on_failure` must be callable.

```python bad
from celery import shared_task

@shared_task(delay=10)
             ^^^^^ CEL904
def fetch(): ...

@shared_task(on_failure="report")
             ^^^^^^^^^^ CEL904
def push(): ...
```

## Use instead

```python good
from celery import shared_task

def report(self, exc, task_id, args, kwargs, einfo): ...

@shared_task(default_retry_delay=10)
def fetch(): ...

@shared_task(on_failure=report)
def push(): ...
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Task
from flake8_celery.tables.task import HOOKS

METHODS = frozenset(
    [
        "delay",
        "apply_async",
        "apply",
        "retry",
        "s",
        "si",
        "signature",
        "subtask",
        "run",
        "request",
        "update_state",
        "replace",
        "map",
        "starmap",
        "chunks",
        "delay_on_commit",
        "apply_async_on_commit",
    ]
)
_NOT_CALLABLE = frozenset({"str", "int", "float", "bool", "none", "list", "tuple", "dict", "set"})


@rule(
    "CEL904",
    "option-hides-method",
    pylint="E8723",
    on=Task,
    message="%s= takes the place of the task's own %s%s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.style == "class":
        return
    for name, keyword in task.arguments.keywords.items():
        value, region = keyword.value, task.options_region
        if name in METHODS:
            kind = context.only(value, region, _NOT_CALLABLE)
            told = "(), which then raises TypeError" if kind else "()"
            yield Problem(keyword_name(keyword), (name, name, told))
        elif name in HOOKS and context.only(value, region, _NOT_CALLABLE):
            yield Problem(keyword_name(keyword), (name, name, " and can't be called: TypeError"))
        elif name == "app" and context.only(value, region, _NOT_CALLABLE):
            yield Problem(keyword_name(keyword), (name, name, ": AttributeError at the first use"))
