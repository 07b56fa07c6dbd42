"""A running task that shall be terminated, on a pool that can't.

## What happens

`threads` and `solo` can't end a task that runs: the worker logs NotImplementedError, and the task runs
on to SUCCESS. Only `prefork` kills its process; `gevent` and `eventlet` end the greenlet.

```python bad celery-pool=threads
from celery import Celery

app = Celery("shop")

def cancel(task_id):
    app.control.revoke(task_id, terminate=True)
                                ^^^^^^^^^ CEL107
    app.control.terminate(task_id)
                ^^^^^^^^^ CEL107
```
```python bad
from celery import Celery
from celery.result import AsyncResult

app = Celery("shop")
app.conf.worker_pool = "solo"

def cancel(task_id):
    AsyncResult(task_id, app=app).revoke(terminate=True, signal="SIGKILL")
                                         ^^^^^^^^^ CEL107
```

## Use instead

The `prefork` pool, or a task that asks now and then whether it should go on (`AbortableTask`).

```python good celery-pool=threads
from celery import Celery

app = Celery("shop")

def cancel(task_id):
    app.control.revoke(task_id)
```

## Exceptions

Silent where the pool is not known: `celery-pool`, or `worker_pool` in the settings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, called_name, keyword_name, rule
from flake8_celery.core.model import Terminate
from flake8_celery.core.settings.pools import pools

#: Pools that have no way to end one task.
_UNABLE: Final = frozenset({"threads", "solo"})
_CONTROL: Final = frozenset({"celery.current_app.control", "celery.task.control"})


@rule(
    "CEL107",
    "terminate-without-effect",
    pylint="W8504",
    on=Terminate,
    message="the %s pool can't end a running task: NotImplementedError in the worker, the task runs on: "
    "use prefork",
)
def check(fact: Terminate, context: Context) -> Iterator[Problem]:
    func = fact.node.func
    if not isinstance(func, ast.Attribute):
        return
    given = fact.arguments.keywords.get("terminate")
    if given is None and func.attr != "terminate":
        return
    if given is not None and not context.every(given.value, fact.region, bool):
        return
    if not _is_ours(func.value, fact, context):
        return
    found = pools(context.model)
    if found and found <= _UNABLE:
        place = keyword_name(given) if given is not None else called_name(fact.node)
        yield Problem(place, (" or ".join(sorted(found)),))


def _is_ours(node: ast.expr, fact: Terminate, context: Context) -> bool:
    """Whether what it is called on is an application's `control`, or a result."""
    if isinstance(node, ast.Attribute) and node.attr == "control":
        if context.model.application(node.value, fact.region) is not None:
            return True
    if context.resolve.qualname(node, fact.region) in _CONTROL:
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        made = node.func.attr in ("AsyncResult", "GroupResult")
        if made and context.model.application(node.func.value, fact.region) is not None:
            return True
    return bool(context.only(node, fact.region, {"result"}))
