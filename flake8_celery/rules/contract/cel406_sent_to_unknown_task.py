"""A task is sent by a name that no task has.

## What happens

`send_task` and `signature` take any name. The worker looks it up when the message is there, finds
nothing, and throws the message away: "Received unregistered task". The sender waits for a result that
never comes.

```python bad file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_receipt(pk): ...

def pay(pk):
    app.send_task("tasks.send_reciept", (pk,))
                  ^^^^^^^^^^^^^^^^^^^^ CEL406
```

## Use instead

The task itself, or its name.

```python good file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_receipt(pk): ...

def pay(pk):
    send_receipt.delay(pk)
    app.send_task("tasks.send_receipt", (pk,))
```

## Exceptions

Names outside of this project's packages: another service may have such a task. Without a lock
(`flake8-celery lock`) flake8 reports only a name that is spelled almost like a task of the very module
that it names. pylint needs no lock where it is run over several files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.sent_task import unknown_task
from flake8_celery.core.model import Dispatch


@rule(
    "CEL406",
    "sent-to-unknown-task",
    pylint="W8671",
    on=Dispatch,
    message="no task is named %r%s: the worker throws the message away as unregistered",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.on != "app" or fact.method not in ("send_task", "signature"):
        return
    node: ast.expr | None = fact.arguments.get(
        "name" if fact.method == "send_task" else "varies", 0
    )
    name = context.text(node, fact.region)
    if node is None or name is None:
        return
    missing = unknown_task(name, context.model)
    if missing is not None:
        hint = f", did you mean {missing.meant!r}?" if missing.meant else ""
        yield Problem(node, (name, hint))
