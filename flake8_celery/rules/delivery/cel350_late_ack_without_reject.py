"""`acks_late` without `reject_on_worker_lost`: a worker that is killed still loses the task.

## What happens

When a worker process is killed (out of memory, `kill -9`) the message is acknowledged all the same,
and the task ends with WorkerLostError. Late acknowledgement alone helps only against the loss of the
whole worker.

```python bad
from celery import shared_task

@shared_task(acks_late=True)
             ^^^^^^^^^ CEL350
def charge(pk): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(acks_late=True, reject_on_worker_lost=True)
def charge(pk): ...
```

Mind that a task which itself kills its process comes back for ever. From Celery 5.7 on
`retry_on_worker_lost` counts as a retry.

## When to switch it on

Where tasks are acknowledged late on purpose and processes may be killed (memory limits, `kill -9`),
and a second run does no harm. In 25 real projects it tells 8 tasks, all of one.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import ABSENT, Task
from flake8_celery.tables.task import FROM_CONFIG

_KEPT = ("reject_on_worker_lost", "retry_on_worker_lost")


@rule(
    "CEL350",
    "late-ack-without-reject",
    pylint="R8568",
    on=Task,
    default=False,
    message="a killed worker process still loses the task: add reject_on_worker_lost=True",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    own = task.own("acks_late")
    if own is None or own.keyword is None or not context.every(own.value, own.region, bool):
        return
    if any(task.option(name) is not ABSENT for name in _KEPT):
        return
    configuration = context.configuration(task)
    if configuration.found and not all(
        configuration.absent(name)
        for name in (*(FROM_CONFIG[n] for n in _KEPT), "task_annotations")
    ):
        return
    yield Problem(keyword_name(own.keyword))
