"""A callback that is no signature.

## What happens

`link` and `link_error` take signatures. A task, a function, an uncalled `task.s` or the result of
`task.delay()` can't be written into the message: EncodeError where it is sent. A name or a number given
to `link` is sent, and the worker then marks the *successful* task as failed.

```python bad
from celery import shared_task

@shared_task
def load(pk): ...

@shared_task
def tell(pk): ...

def run(pk):
    load.apply_async((pk,), link=tell)
                                 ^^^^ CEL603
    load.apply_async((pk,), link="tasks.tell")
                                 ^^^^^^^^^^^^ CEL603
    load.apply_async((pk,), link_error=[tell.s])
                                        ^^^^^^ CEL603
    load.s(pk).on_error(tell.delay(pk)).delay()
                        ^^^^^^^^^^^^^^ CEL603
```

## Use instead

```python good
from celery import shared_task, signature

@shared_task
def load(pk): ...

@shared_task
def tell(pk): ...

def run(pk):
    load.apply_async((pk,), link=tell.s())
    load.apply_async((pk,), link=signature("tasks.tell"))
    load.apply_async((pk,), link_error=[tell.si(pk)])
```

## Exceptions

None, which is no callback. A text given to `link_error`: Celery takes it for the name of a task.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.canvas_steps import callbacks, kind_of
from flake8_celery.core.model import Dispatch

_SENT = "sending raises EncodeError"
_FAILED = "it is sent, and the task that succeeded is marked failed"
_BOTH = frozenset({"link", "link_error"})
_KINDS = {
    "task": (f"%s is a task: {_SENT}, write %s.s(...)", _BOTH),
    "function": (f"this is a function: {_SENT}", _BOTH),
    "result": (
        f"this sends the task now, and its result is no signature: {_SENT}",
        _BOTH,
    ),
    "reference": (f"%s is not called: {_SENT}, write %s(...)", _BOTH),
    "str": (f"a text is no signature: {_FAILED}", frozenset({"link"})),
    "int": (f"a number is no signature: {_FAILED}", frozenset({"link"})),
}


@rule(
    "CEL603",
    "callback-not-a-signature",
    pylint="E8652",
    on=Dispatch,
    words=("link", "on_error"),
    message="%s",
    raises=("EncodeError", "TypeError"),
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    for name, node in callbacks(fact, ("link", "link_error")):
        kind = kind_of(node, fact.region, context.model)
        if kind not in _KINDS or name not in _KINDS[kind][1]:
            continue
        told = _KINDS[kind][0]
        written = ast.unparse(node)
        yield Problem(node, (told.replace("%s", written),), node)
