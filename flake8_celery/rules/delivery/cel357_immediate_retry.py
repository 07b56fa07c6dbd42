"""A retry that may start at once.

## What happens

The message of a retry is sent before the state RETRY is stored. Without a delay another worker may
run it, and store SUCCESS, before the first one stores RETRY over it: the result is lost, and a
chord or a `get()` waits for ever. Seen in 1 to 7 of 40 runs on Redis with two workers and more.
`retry_backoff=True` draws its first delay between 0 and 1 second and cuts it to whole seconds: half
of the first retries start at once.

```python bad
from celery import shared_task

@shared_task(bind=True)
def push(self, pk):
    if not is_ready(pk):
        raise self.retry(countdown=0)
                                   ^ CEL357
```
```python bad
from celery import chord, shared_task

@shared_task(autoretry_for=(OSError,), retry_backoff=True)
                                                     ^^^^ CEL357
def fetch(pk): ...

@shared_task
def store(answers): ...

def fetch_all(pks):
    chord([fetch.s(pk) for pk in pks])(store.s())
```

## Use instead

A delay of a second or more.

```python good
from celery import chord, shared_task

@shared_task(bind=True)
def push(self, pk):
    if not is_ready(pk):
        raise self.retry(countdown=2)

@shared_task(autoretry_for=(OSError,), retry_backoff=5, retry_jitter=False)
def fetch(pk): ...

@shared_task
def store(answers): ...

def fetch_all(pks):
    chord([fetch.s(pk) for pk in pks])(store.s())
```

## When to switch it on

Where results are waited for: chords above all. In the packages that the rules are tried on
1 of 668 tasks is told: it has a backoff of 1 second with jitter and stands in a chord.

## Exceptions

A task whose result is ignored. `retry_backoff` is told only where the same file reads the task's
result, or has it in a chord.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import ABSENT, Canvas, Dispatch, Fact, Option, Retry, Task
from flake8_celery.core.settings.effective import is_on
from flake8_celery.tables.methods import BLOCKING


@rule(
    "CEL357",
    "immediate-retry",
    pylint="R8547",
    on=(Retry, Task),
    default=False,
    message="this retry may run before the first run stores its state, and the result is lost: %s",
    body=True,
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Retry):
        delay = fact.arguments.get("countdown", 5)
        if delay is not None and context.every(delay, fact.region, _is_zero):
            if fact.task is None or not is_on(fact.task, "ignore_result", context.model):
                yield Problem(delay, ("give it a countdown of a second or more",))
        return
    assert isinstance(fact, Task)
    backoff = fact.own("retry_backoff")
    if backoff is None or not context.every(backoff.value, backoff.region, _is_one):
        return
    if not isinstance(fact.option("autoretry_for"), Option) or not _jitters(fact, context):
        return
    if _is_read(fact, context) and not is_on(fact, "ignore_result", context.model):
        told = "half of the first retries wait 0 s; give retry_backoff=5 and retry_jitter=False"
        yield Problem(backoff.value, (told,))


def _is_zero(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0


def _is_one(value: object) -> bool:
    return value is True or value == 1


def _jitters(task: Task, context: Context) -> bool:
    option = task.option("retry_jitter")
    if option is ABSENT:
        return True
    return isinstance(option, Option) and bool(context.every(option.value, option.region, bool))


def _is_read(task: Task, context: Context) -> bool:
    """Whether this module waits for the task's result, or has it in a chord's header."""
    for canvas in context.model.of(Canvas):
        if canvas.kind == "chord":
            for node, region in canvas.elements():
                receiver = _receiver(node)
                if receiver is not None and context.model.task_at(receiver, region) is task:
                    return True
    for sent in context.model.of(Dispatch):
        if sent.call is not None and sent.resolved_task() is task:
            above = context.module.parent(sent.call, sent.statement)
            if isinstance(above, ast.Attribute) and above.attr in BLOCKING:
                return True
    return False


def _receiver(node: ast.expr) -> ast.expr | None:
    """The task of a signature: `fetch` of `fetch.s(1)`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node if isinstance(node, (ast.Name, ast.Attribute)) else None
