"""A bound task that does nothing with itself.

## What happens

Nothing at run time. `bind=True` tells readers that the task retries, reports its state or reads its
request, and here it does not.

```python bad
from celery import shared_task

@shared_task(bind=True)
             ^^^^ CEL950
def charge(self, order_id):
    print(order_id)
```

## Use instead

```python good
from celery import shared_task

@shared_task
def charge(order_id):
    print(order_id)
```

## Exceptions

Tasks under further decorators, and bodies that ask for `locals()`. All 42 findings in 22 packages are
right. Switch it on to keep signatures small. The parameter is no part of the messages: taking it out is safe for those in flight.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.flow import names_used

_READS_ALL = frozenset({"locals", "super", "eval", "exec", "vars"})


@rule(
    "CEL950",
    "bound-unused",
    pylint="R8786",
    on=Task,
    default=False,
    body=True,
    message="%s of the task %s is not used: take out bind=True and the parameter",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    option, name = task.own("bind"), task.self_name
    if option is None or option.keyword is None or name is None or task.function is None:
        return
    if task.below or task.again or task.style not in ("app", "shared") or task.bind is not True:
        return
    used = names_used(task.function.body)
    if name not in used and used.isdisjoint(_READS_ALL):
        yield Problem(keyword_name(option.keyword), (name, task.name))
