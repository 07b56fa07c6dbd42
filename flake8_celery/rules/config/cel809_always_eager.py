"""`task_always_eager` outside the settings of tests and development.

## What happens

Every `delay` runs the task in the sender's own process, at once, and waits for it: no queue, no
worker, no retry later; `countdown` and `eta` are ignored.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_always_eager = True
                             ^^^^ CEL809
```

## Use instead

```python good file=settings_test.py
CELERY_TASK_ALWAYS_EAGER = True
```

## Exceptions

Files whose path speaks of tests, development, local or CI use, and settings under a condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Setting
from flake8_celery.core.model.purpose import is_unconditional


@rule(
    "CEL809",
    "always-eager",
    pylint="W8748",
    on=Setting,
    message="%s: every task runs in the process that sends it, no worker ever sees one",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != "task_always_eager" or fact.how != "=":
        return
    if context.for_development or not is_unconditional(fact):
        return
    if context.every(fact.value, fact.region, lambda value: value is True):
        yield Problem(fact.value, (fact.written,))
