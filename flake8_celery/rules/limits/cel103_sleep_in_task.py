"""A task that sleeps.

## What happens

`time.sleep` holds a process or thread of the worker that does nothing meanwhile: with four slots,
four such tasks stop the queue, and whatever waits behind them is late. A deployment waits for them
too, or kills them.

```python bad
import time

from celery import shared_task

@shared_task
def publish(pk):
    upload(pk)
    while not is_ready(pk):
        time.sleep(5)
             ^^^^^ CEL103
    announce(pk)
```

A function that the task calls counts, where it is in sight.

```python bad
import time

from celery import shared_task

def wait_for(pk):
    while not is_ready(pk):
        time.sleep(5)

@shared_task
def publish(pk):
    wait_for(pk)
    ^^^^^^^^ CEL103
```

## Use instead

End the task and be called again: `retry(countdown=)`, or a next task with a `countdown`. The slot is
free meanwhile.

```python good
from celery import shared_task

@shared_task(bind=True, max_retries=60)
def publish(self, pk):
    if not is_ready(pk):
        raise self.retry(countdown=5)
    announce(pk)
```

## Exceptions

Less than a second (in a `while` loop less than a tenth), or a time that can't be told; sleeping
under a condition that speaks of debugging; a file for tests or development; `celery-pool = gevent`
or `eventlet`, where sleeping costs a greenlet.

```python good
import time

from celery import shared_task

@shared_task
def publish(pk):
    time.sleep(0.2)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Ran, found, is_called_in_loop
from flake8_celery.core.engine import Context, Problem, Unknown, called_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.syntax.regions import FUNCTION, LOOP

COOPERATIVE = frozenset({"gevent", "eventlet"})
LEAST = 1.0
LEAST_IN_POLLING = 0.1
WORDS = ("sleep",)


@rule(
    "CEL103",
    "sleep-in-task",
    pylint="W8516",
    on=Task,
    message="sleep() idles a slot of the worker for %s%s: end the task and come back by "
    "retry(countdown=) or a task with a countdown",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if not COOPERATIVE.isdisjoint(context.options.celery_pool):
        return
    for ran, long in found(task, context.model, WORDS, _sleeps, WORDS):
        if context.for_development:
            return
        yield Problem(called_name(ran.node), (long, ran.place))


def _sleeps(ran: Ran) -> str | None:
    """How long a call sleeps, if that is long."""
    call, resolver = ran.call.node, ran.body.model.resolver
    if not call.args or resolver.qualname(call.func, ran.call.region) != "time.sleep":
        return None
    for region in ran.call.region:
        if isinstance(region.node, ast.If) and "debug" in ast.unparse(region.node.test).lower():
            return None
    values = resolver.values(call.args[0], ran.call.region)
    if isinstance(values, Unknown):
        return None
    times = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    least = LEAST_IN_POLLING if _polls(ran) else LEAST
    if len(times) != len(values) or min(times) < least:
        return None
    return f"{min(times):g} s" + (" each time" if is_called_in_loop(ran.call) else "")


def _polls(ran: Ran) -> bool:
    """Whether a `while` loop of the function repeats the call, who knows how often."""
    for region in ran.call.region:
        if region.kind is LOOP and isinstance(region.node, ast.While):
            return True
        if region.kind is FUNCTION:
            return False
    return False
