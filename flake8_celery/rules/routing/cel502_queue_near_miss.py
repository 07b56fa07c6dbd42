"""A queue that is named once, and almost like one that is used more often.

## What happens

Celery creates the misspelt queue, nobody consumes it, and the message waits for ever.

How often a queue is named is counted in `task_routes` and in the lock (`flake8-celery lock`), which
knows every task's queue; pylint counts by itself where it is run over several files. Where the queues are declared CEL501 knows better.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_routes = {
    "shop.sales.*": {"queue": "reports"},
    "shop.stock.*": {"queue": "reports"},
    "shop.staff.*": {"queue": "reprots"},
                              ^^^^^^^^^ CEL502
}
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.task_routes = {
    "shop.sales.*": {"queue": "reports"},
    "shop.stock.*": {"queue": "reports"},
    "shop.staff.*": {"queue": "reports"},
}
```

## Exceptions

Names of fewer than five letters, and names that differ by a digit or a plural.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.routes import SPOTS, routes, spots
from flake8_celery.core.messages.sent_task import locked
from flake8_celery.core.model import Dispatch, Fact, Retry, Task
from flake8_celery.core.model.model import model_of
from flake8_celery.core.model.names import text_of
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.tables.confusions import one_edit

if TYPE_CHECKING:
    from flake8_celery.core.settings.configuration import Configuration

MIN_LETTERS = 5


@rule(
    "CEL502",
    "queue-near-miss",
    pylint="W8627",
    on=SPOTS,
    words={Task: ("queue",), Dispatch: ("queue",), Retry: ("queue",)},
    message="queue %r is named once and %r %s times: if it is misspelt nobody consumes it",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    for spot in spots(fact, context.resolve):
        if "queue" not in spot.given:
            continue
        node = spot.given["queue"][1]
        name = context.text(node, spot.region)
        if name is None or len(name) < MIN_LETTERS:
            continue
        task = fact if isinstance(fact, Task) else None
        if isinstance(fact, Retry):
            task = fact.task
        elif isinstance(fact, Dispatch):
            task = fact.resolved_task()
        configuration = configuration_of(
            model_of(task) if task is not None else context.model, task
        )
        if configuration.queues.complete:
            continue
        uses = _uses(configuration, context)
        if uses[name] > (1 if spot.kind in ("task", "route") else 0):
            continue
        if spot.kind not in ("task", "route") and locked(context.model) is None:
            continue  # another module may well use it too
        for other, count in uses.most_common():
            if count > 1 and len(other) >= MIN_LETTERS and _slip(name, other):
                yield Problem(node, (name, other, count))
                break


def _uses(configuration: Configuration, context: Context) -> Counter[str]:
    """How often each queue is named: by the lock's tasks, by the routes, by this module's calls."""
    found: Counter[str] = Counter()
    lock = locked(context.model)
    if lock is not None:
        found.update(task.queue for task in lock.tasks.values() if isinstance(task.queue, str))
    for route in routes(configuration) or ():
        if "queue" in route.spot.given:
            name = text_of(route.spot.given["queue"][1], route.spot.region, route.model)
            if name is not None:
                found[name] += 1
    return found


def _slip(name: str, other: str) -> bool:
    """Whether two names differ by one edit that is neither a digit nor a plural."""
    words = [re.split(r"[^a-zA-Z]+", each.lower()) for each in (name, other)]
    if len(words[0]) == len(words[1]) and all(
        one.rstrip("s") == two.rstrip("s") for one, two in zip(*words, strict=True)
    ):
        return False
    return one_edit(name, other)
