"""A task that waits for the result of another task.

## What happens

`get`, `join`, `wait` and `collect` raise `RuntimeError: Never call result.get() within a task!` when
a worker of the prefork, threads or solo pool runs them inside a task; so do `apply(...).get()` and
`~signature`. Where it is allowed on purpose, a task waits for a worker that it occupies itself.

```python bad
from celery import shared_task

@shared_task
def price(order): ...

@shared_task
def invoice(order):
    total = price.delay(order).get()
                               ^^^ CEL102
    return total
```

## Use instead

Let the first task hand its result on: a chain, or a chord for several.

```python good
from celery import shared_task

@shared_task
def price(order): ...

@shared_task
def write_invoice(total): ...

@shared_task
def invoice(order):
    (price.s(order) | write_invoice.s()).delay()
```

## Exceptions

Silent with `celery-pool = gevent` or `eventlet`, where waiting works; with
`disable_sync_subtasks=False` and under `allow_join_result()`, which allow it on purpose; and in
functions inside the task, which may run elsewhere.

```python good celery-pool=gevent
from celery import shared_task

@shared_task
def price(order): ...

@shared_task
def invoice(order):
    return price.delay(order).get()
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, dotted, rule
from flake8_celery.core.model import Blocking
from flake8_celery.core.syntax.regions import WITH

_WAITING_WORKS = frozenset({"gevent", "eventlet", "custom"})


@rule(
    "CEL102",
    "blocking-call-in-task",
    pylint="E8502",
    on=Blocking,
    message="%s waits for another task inside the task %s: RuntimeError on the prefork, threads and "
    "solo pools; %s",
    body=True,
    raises=("RuntimeError",),
)
def check(fact: Blocking, context: Context) -> Iterator[Problem]:
    if not _WAITING_WORKS.isdisjoint(context.options.celery_pool):
        return
    arguments = fact.arguments
    if "disable_sync_subtasks" in arguments.keywords or arguments.splat_keywords:
        return
    for region in fact.region:
        if region.kind is WITH and isinstance(region.node, (ast.With, ast.AsyncWith)):
            for item in region.node.items:
                name = item.context_expr
                if isinstance(name, ast.Call) and (dotted(name.func) or "").endswith(
                    "allow_join_result"
                ):
                    return
    shown = "~signature" if fact.method == "~" else f"{fact.method}()"
    instead = "chain the tasks instead"
    if _of_failed_task(fact):
        instead = "an error callback may take (request, exc, traceback)"
    yield Problem(called_name(fact.node), (shown, fact.task.name, instead))


def _of_failed_task(fact: Blocking) -> bool:
    """Whether the result is that of the task's only parameter, as old error callbacks ask for it."""
    function = fact.task.function
    node = fact.node.func if isinstance(fact.node, ast.Call) else None
    if function is None or not isinstance(node, ast.Attribute):
        return False
    names = {each.arg for each in [*function.args.posonlyargs, *function.args.args]}
    names.discard(fact.task.self_name or "")
    asked = node.value
    if isinstance(asked, ast.Name):
        bindings = fact.region.lookup(asked.id) or ()
        asked = next((binding.value for binding in bindings if binding.value), asked)
    if not isinstance(asked, ast.Call) or len(names) != 1:
        return False
    made = (dotted(asked.func) or "").rpartition(".")[2] == "AsyncResult"
    return made and any(isinstance(each, ast.Name) and each.id in names for each in asked.args)
