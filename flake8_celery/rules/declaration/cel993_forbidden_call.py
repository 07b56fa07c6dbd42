"""A task calls what the project wants in no task.

## What happens

What your project says: `celery-forbid-call` names what is called, with globs.

```ini
[flake8]
celery-forbid-call =
    time.sleep
    requests.* @ shop/payments/*
```

```python bad celery-forbid-call=time.sleep,requests.*
import time
import requests
from celery import shared_task

@shared_task
def charge(order_id):
    time.sleep(0.5)
         ^^^^^ CEL993
    requests.post("https://bank.example/", timeout=3)
             ^^^^ CEL993
```

## Use instead

```python good celery-forbid-call=time.sleep,requests.*
from celery import shared_task
from shop.bank import client

@shared_task(bind=True)
def charge(self, order_id):
    if not client.post("/charge"):
        raise self.retry(countdown=5)

def wait():
    import time
    time.sleep(5)
```

## Exceptions

Only the bodies of tasks, functions inside them included, and only calls of imported names, of names
of this module and of builtins: what a variable holds is not looked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from flake8_celery.core.engine import Context, Problem, Region, called_name, dotted, rule
from flake8_celery.core.model import Task
from flake8_celery.core.model.purpose import in_force
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import DefinitionNode


@rule(
    "CEL993",
    "forbidden-call",
    pylint="R8799",
    on=Task,
    option="celery-forbid-call",
    body=True,
    message="the task %s calls %s, which celery-forbid-call forbids%s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    forbidden = context.options.celery_forbid_call
    if not forbidden or task.function is None:
        return
    says = context.module.says
    items = [item for item in in_force(forbidden, context.model) if says(item.word)]
    for call, region in _calls(task.function, context) if items else ():
        names = _names(call.func, region, context)
        for item in items:
            name = next((name for name in names if fnmatchcase(name, item.name)), None)
            if name is not None:
                where = f" in {' '.join(item.paths)}" if item.paths else ""
                yield Problem(called_name(call), (task.name, name, where))
                break


def _calls(function: ast.AST, context: Context) -> Iterator[tuple[ast.Call, Region]]:
    """Each call in a function's body and in those inside it, with the region to read it in."""
    region = context.model.candidates.scopes.get(function)
    if region is None:
        return
    body: Any = getattr(function, "body", ())
    for node in walk(body if isinstance(body, list) else [body]):
        if isinstance(node, ast.Call):
            yield node, region
        elif isinstance(node, (*DefinitionNode, ast.Lambda)):
            yield from _calls(node, context)


def _names(func: ast.expr, region: Region, context: Context) -> list[str]:
    """The dotted names that a callee goes by."""
    written = dotted(func)
    if written is None:
        return []
    found = context.resolve.qualname(func, region)
    if found is not None:
        return [_absolute(found, context)]
    root = written.partition(".")[0]
    if region.is_builtin(root):
        return [written]
    defined = context.resolve.definition(func, region)
    if defined is None:
        return []
    module = context.model.project.module_name()
    return [written] if module is None else [f"{module}.{written}", written]


def _absolute(name: str, context: Context) -> str:
    """`shop.bank.pay` for `.bank.pay`, imported in a module of `shop`; others as they are."""
    bare = name.lstrip(".")
    up = len(name) - len(bare)
    module = context.model.project.module_name()
    if not up or module is None:
        return bare
    if context.module.filename.endswith("__init__.py"):
        up -= 1
    parts = module.split(".")
    return ".".join([*parts[: len(parts) - up], bare])
