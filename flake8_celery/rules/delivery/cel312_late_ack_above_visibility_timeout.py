"""A task acknowledged late that may run longer than the broker's visibility timeout.

## What happens

With `acks_late` the message stays unacknowledged while the task runs. Redis and SQS deliver it again
after the visibility timeout: another worker starts the same task beside the first one.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")

@app.task(acks_late=True, time_limit=2 * 3600)
                                     ^^^^^^^^ CEL312
def report(): ...
```

Where both stand in the settings it is said there, once.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.conf.task_acks_late = True
app.conf.task_time_limit = 2 * 3600
                           ^^^^^^^^ CEL312
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.conf.broker_transport_options = {"visibility_timeout": 3 * 3600}

@app.task(acks_late=True, time_limit=2 * 3600)
def report(): ...
```

## Exceptions

Tasks acknowledged early, the default: the message is gone before they run. Tasks without a time
limit of their own or of the settings'.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, keyword_name, rule
from flake8_celery.core.messages.routes import in_effect
from flake8_celery.core.model import Fact, Setting, Task
from flake8_celery.core.settings.effective import effective, is_on, seconds, visibility
from flake8_celery.core.settings.read import namespace_of
from flake8_celery.rules.delivery.cel323_visibility_timeout_on_results import mistaken

_LIMITS = ("task_time_limit", "task_soft_time_limit")


@rule(
    "CEL312",
    "late-ack-above-visibility-timeout",
    pylint="W8565",
    on=(Task, Setting),
    words=("time_limit", "acks_late"),
    message="acknowledged late, and its %s of %s s is not below the visibility timeout, %s: it is "
    "started again while it runs",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Setting):
        yield from _settings(fact, context)
    elif isinstance(fact, Task):
        yield from _task(fact, context)


def _settings(fact: Setting, context: Context) -> Iterator[Problem]:
    """Late acknowledgement and the shorter of the limits, both in the settings."""
    if fact.key not in _LIMITS or fact.how != "=":
        return
    if isinstance(namespace_of(fact, context.model), Unknown):
        return
    configuration = context.configuration()
    limit = visibility(configuration)
    if limit is None or not configuration.is_on("task_acks_late") or mistaken(configuration):
        return
    if not in_effect(fact, configuration, context.model):
        return
    found = {key: seconds(configuration.values(key)) for key in _LIMITS}
    shortest = {key: min(values) for key, values in found.items() if values}
    if not shortest or fact.key != min(shortest, key=lambda key: shortest[key]):
        return
    if shortest[fact.key] >= limit.seconds:
        name = fact.key.removeprefix("task_")
        yield Problem(fact.value, (name, f"{shortest[fact.key]:g}", limit))


def _task(task: Task, context: Context) -> Iterator[Problem]:
    own = task.own("time_limit") or task.own("soft_time_limit") or task.own("acks_late")
    if own is None or own.keyword is None:
        return
    limits = {
        name: seconds(effective(task, name, context.model))
        for name in ("time_limit", "soft_time_limit")
    }
    shortest = {name: min(found) for name, found in limits.items() if found}
    if not shortest:
        return
    name = min(shortest, key=lambda each: shortest[each])
    limit = visibility(context.configuration(task))
    if limit is None or shortest[name] < limit.seconds:
        return
    if is_on(task, "acks_late", context.model):
        given = task.own(name)
        place = given.value if given is not None else keyword_name(own.keyword)
        yield Problem(place, (name, f"{shortest[name]:g}", limit))
