"""A task that logs through a plain `logging.getLogger`.

## What happens

A worker writes the task's name and id before each line of a logger below `celery.task`, which is
what `get_task_logger` gives. A line of any other logger can't be told to belong to this run or to
one beside it.

```python bad
import logging
from celery import shared_task

logger = logging.getLogger(__name__)
                 ^^^^^^^^^ CEL954

@shared_task
def charge(order_id):
    logger.info("charging %s", order_id)
```

## Use instead

```python good
from celery import shared_task
from celery.utils.log import get_task_logger

logger = get_task_logger(__name__)

@shared_task
def charge(order_id):
    logger.info("charging %s", order_id)
```

## Exceptions

Projects that set up logging themselves (`setup_logging`, `worker_hijack_root_logger = False`), where
the format is theirs; so it is in some of the 42 modules that it finds in 22 packages. Switch it on
where you read the worker's own log.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, called_name, rule
from flake8_celery.core.model import SignalConnect, Task
from flake8_celery.core.syntax.flow import names_used


@rule(
    "CEL954",
    "task-logger",
    pylint="R8793",
    on=Task,
    default=False,
    body=True,
    message="what %s logs carries no task name or id in the worker's log: use "
    "celery.utils.log.get_task_logger",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    tasks = context.model.of(Task)
    # a logger is told once, whichever task uses it
    loggers = _loggers(context) if task is tasks[0] else {}
    for each in tasks if loggers else ():
        if each.function is None or _sets_up(context, each):
            continue
        for name in sorted(loggers.keys() & names_used(each.function.body)):
            yield Problem(called_name(loggers.pop(name)), (name,))
        if not loggers:
            return


def _loggers(context: Context) -> dict[str, ast.Call]:
    """The names at the top of the module that hold a plain logger, and the calls that make them."""
    found: dict[str, ast.Call] = {}
    if not context.module.says("getLogger"):
        return found
    region = context.model.module.region
    for name, bound in region.bindings.items():
        call = bound[0].value
        if len(bound) != 1 or not isinstance(call, ast.Call) or not call.args:
            continue
        if context.resolve.qualname(call.func, region) == "logging.getLogger":
            given = call.args[0]
            if not (isinstance(given, ast.Constant) and str(given.value).startswith("celery")):
                found[name] = call
    return found


def _sets_up(context: Context, task: Task) -> bool:
    """Whether the project, as far as it is read, has a log format of its own."""
    if any(fact.signal == "setup_logging" for fact in context.model.of(SignalConnect)):
        return True
    values = context.configuration(task).values("worker_hijack_root_logger")
    return not isinstance(values, Unknown) and not all(values)
