"""A name, method or option of Celery's that still works and is to go.

## What happens

Nothing yet. Celery keeps these for old code: its own source marks them as deprecated or as aliases,
most of them to be removed in 6.0.

```python bad
from celery import shared_task
from celery.execute import send_task
                           ^^^^^^^^^ CEL953

@shared_task(acks_on_failure_or_timeout=False, acks_late=True)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL953
def charge(order_id): ...

charge.subtask((1,)).delay()
       ^^^^^^^ CEL953
```

## Use instead

```python good
from celery import current_app, shared_task

@shared_task(acks_on_failure=False, acks_on_timeout=False, acks_late=True)
def charge(order_id): ...

charge.signature((1,)).delay()
current_app.send_task("shop.refund")
```

## Exceptions

Imports under `try` or a condition. Routing options of a task are CEL553, old names of settings
CEL803. Switch it on before an upgrade.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, keyword_name, rule
from flake8_celery.core.model import Dispatch, Fact, ImportedName, Setting, Task, setting_name
from flake8_celery.core.syntax.regions import ELSE, HANDLER, IF, TRY
from flake8_celery.tables.deprecated import DEPRECATED, DEPRECATED_OPTIONS, DEPRECATED_SETTINGS


@rule(
    "CEL953",
    "deprecated-api",
    pylint="R8789",
    on=(ImportedName, Dispatch, Task, Setting),
    default=False,
    message="%s is deprecated: use %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, ImportedName):
        instead = DEPRECATED.get(fact.target)
        conditional = any(region.kind in (TRY, HANDLER, IF, ELSE) for region in fact.region)
        if instead is not None and not conditional:
            yield Problem(fact.alias, (fact.target, instead))
    elif isinstance(fact, Dispatch):
        if fact.method == "subtask" and fact.on == "task" and fact.task_class().lacks("subtask"):
            yield Problem(called_name(fact.node), ("subtask", "signature"))
    elif isinstance(fact, Task):
        for name, instead in DEPRECATED_OPTIONS.items():
            option = fact.own(name)
            if option is not None:
                place = option.value if option.keyword is None else keyword_name(option.keyword)
                yield Problem(place, (f"the option {name}", instead))
    elif isinstance(fact, Setting) and fact.key in DEPRECATED_SETTINGS and fact.how == "=":
        yield Problem(
            setting_name(fact), (f"the setting {fact.written}", DEPRECATED_SETTINGS[fact.key])
        )
