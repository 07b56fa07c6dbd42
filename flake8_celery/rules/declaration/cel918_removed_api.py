"""A name that Celery 5 no longer has.

## What happens

ImportError when the module is loaded.

```python bad
from celery.task import task
                        ^^^^ CEL918
from celery.decorators import periodic_task
                              ^^^^^^^^^^^^^ CEL918
```

## Use instead

```python good
from celery import shared_task
from celery.schedules import crontab
```

## Exceptions

Under `try` with an `except ImportError`, in that handler itself, and under an `if` on a version or on
`TYPE_CHECKING`.

```python good
try:
    from celery import shared_task
except ImportError:
    from celery.task import task as shared_task
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, dotted, rule
from flake8_celery.core.model import ImportedName
from flake8_celery.core.syntax.regions import ELSE, HANDLER, IF, TRY
from flake8_celery.tables.removed import REMOVED

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_CONDITIONS = ("version", "type_checking", "py2", "py3", "celery")


@rule(
    "CEL918",
    "removed-api",
    pylint="E8737",
    on=ImportedName,
    message="%s is gone in Celery 5, ImportError: use %s",
    raises=("ImportError", "ModuleNotFoundError"),
)
def check(fact: ImportedName, context: Context) -> Iterator[Problem]:
    version = context.options.celery_target_version
    if version is not None and version < (5, 0):
        return
    target = fact.target
    instead = REMOVED.get(target)
    while instead is None and "." in target:
        target = target.rpartition(".")[0]
        instead = REMOVED.get(target) if target != "celery" else None
    if instead is not None and not _guarded(fact.region):
        yield Problem(fact.alias, (target, instead))


def _guarded(region: Region) -> bool:
    for around in region:
        if around.kind in (IF, ELSE) and isinstance(around.node, ast.If):
            condition = ast.unparse(around.node.test).lower()
            if any(word in condition for word in _CONDITIONS):
                return True
        elif around.kind is HANDLER and isinstance(around.node, ast.ExceptHandler):
            if _catches_import_error(around.node):
                return True
        elif around.kind is TRY:
            if any(_catches_import_error(h) for h in getattr(around.node, "handlers", ())):
                return True
    return False


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any((dotted(kind) or "").rpartition(".")[2] in _IMPORT_ERRORS for kind in types)
