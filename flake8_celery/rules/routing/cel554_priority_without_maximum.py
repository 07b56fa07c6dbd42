"""A priority on RabbitMQ, where no queue has a maximum.

## What happens

RabbitMQ orders by priority only what waits in a queue declared with `x-max-priority`. In any other the
priority is ignored, and messages stay in the order in which they came.

```python bad celery-broker=amqp
from celery import Celery

app = Celery("shop", broker="amqp://")

@app.task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), priority=9)
                              ^^^^^^^^ CEL554
```

## Use instead

```python good celery-broker=amqp
from celery import Celery

app = Celery("shop", broker="amqp://")
app.conf.task_queue_max_priority = 10

@app.task
def remind(pk): ...

def now(pk):
    remind.apply_async((pk,), priority=9)
```

## When to switch it on

With RabbitMQ as `celery-broker`, where priorities are used. In 25 real projects it tells nothing.

## Exceptions

Brokers that are not known to be RabbitMQ (`celery-broker`), and settings that can't all be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Dispatch, Fact, Retry, Task
from flake8_celery.core.settings.configuration import Known

_MAXIMUM: Final = "x-max-priority"
_SHORT: Final = "max_priority"


@rule(
    "CEL554",
    "priority-without-maximum",
    pylint="R8641",
    on=(Dispatch, Retry, Task),
    default=False,
    message="no queue has a maximum priority, RabbitMQ ignores this: set task_queue_max_priority",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    task: Task | None = None
    if isinstance(fact, Task):
        own = fact.own("priority")
        keyword, task = own.keyword if own is not None else None, fact
    elif isinstance(fact, Dispatch):
        keyword = fact.options.get("priority")
        task = fact.resolved_task() if keyword is not None and fact.on != "app" else None
    else:
        assert isinstance(fact, Retry)
        keyword, task = fact.arguments.keywords.get("priority"), fact.task
    if keyword is None or context.only(keyword.value, fact.region, {"none"}):
        return
    configuration = context.configuration(task)
    broker = configuration.broker
    if broker is None or not broker.known or broker.name != "amqp" or not configuration.found:
        return
    if not configuration.absent("task_queue_max_priority"):
        return
    queues = configuration.setting("task_queues")
    if isinstance(queues, Known):
        texts = [place.model.module.text for place in queues.places]
        if any(_MAXIMUM in text or _SHORT in text for text in texts):
            return
    elif not configuration.absent("task_queues"):
        return
    yield Problem(keyword_name(keyword))
