"""Late acknowledgement with the default prefetch: tasks wait behind long ones.

## What happens

Each worker process reserves four messages. With late acknowledgement, which is for long tasks, three
of them wait behind the one that runs, while other workers are idle.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_acks_late = True
                          ^^^^ CEL851
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.task_acks_late = True
app.conf.worker_prefetch_multiplier = 1
```

## When to switch it on

Where late acknowledgement is used for long tasks. In 25 real projects it tells one application.

## Exceptions

Settings that can't all be read. `--prefetch-multiplier` on the worker's command line isn't seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Setting
from flake8_celery.core.settings.read import namespace_of


@rule(
    "CEL851",
    "prefetch-with-late-acks",
    pylint="R8751",
    on=Setting,
    default=False,
    message="%s with the default worker_prefetch_multiplier of 4: tasks wait behind long ones; set "
    "it to 1",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != "task_acks_late" or fact.how != "=":
        return
    if isinstance(namespace_of(fact, context.model), Unknown):
        return
    configuration = context.configuration()
    if configuration.is_on("task_acks_late") and configuration.absent("worker_prefetch_multiplier"):
        yield Problem(fact.value, (fact.written,))
