"""A hook of a task, such as `on_failure`, that does not take what Celery gives it.

## What happens

The worker calls the hooks with positional arguments. `before_start` that doesn't fit fails every run
before the body; `on_failure` and `on_retry` that don't fit put their TypeError in the place of the
task's own error, which is lost; `on_success` and `after_return` never do their work.

```python bad
from celery import Task

class Reporting(Task):
    def on_failure(self, exc, task_id):
        ^^^^^^^^^^ CEL916
        ...
```

## Use instead

```python good
from celery import Task

class Reporting(Task):
    def on_failure(self, exc, task_id, args, kwargs, einfo):
        ...

    def on_success(self, *args):
        ...
```

## Exceptions

Hooks under a decorator. A function given as an option, `@app.task(on_failure=report)`, becomes a
method of the task and gets the task first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, defined_name, rule
from flake8_celery.core.model import Option, Task
from flake8_celery.tables.task import HOOKS

#: `on_bound` is a class method of the application's.
_HOOKS = {name: given for name, given in HOOKS.items() if name != "on_bound"}
_TOLD = {
    "before_start": "every run fails before its body",
    "on_failure": "the task's own error is lost",
    "on_retry": "the task's own error is lost",
}


@rule(
    "CEL916",
    "hook-signature",
    pylint="E8783",
    on=Task,
    words=tuple(_HOOKS),
    message="Celery calls %s with (%s): TypeError, %s",
    raises=("TypeError",),
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    ours = context.model.candidates.scopes
    for name, method in task.base.methods.items():
        if name in _HOOKS and method in ours and isinstance(method, FunctionNode):
            if not method.decorator_list and not _fits(method.args, len(_HOOKS[name]) + 1):
                yield Problem(defined_name(method, context.module), _told(name))
    for name in _HOOKS:
        option = task.own(name) if task.style != "class" else None
        if isinstance(option, Option):
            given: ast.AST = option.value
            found = context.resolve.definition(option.value, option.region)
            if found is not None:
                given = found[0]
            if not isinstance(given, (ast.Lambda, *FunctionNode)):
                continue
            if getattr(given, "decorator_list", None):
                continue
            if not _fits(given.args, len(_HOOKS[name]) + 1):
                yield Problem(option.value, _told(name))


def _told(name: str) -> tuple[str, str, str]:
    told = _TOLD.get(name, "it never does its work")
    return name, ", ".join(("self", *_HOOKS[name])), told


def _fits(arguments: ast.arguments, count: int) -> bool:
    """Whether a function may be called with so many positional arguments."""
    positional = [*arguments.posonlyargs, *arguments.args]
    if any(default is None for default in arguments.kw_defaults):
        return False
    least = len(positional) - len(arguments.defaults)
    return least <= count and (arguments.vararg is not None or count <= len(positional))
