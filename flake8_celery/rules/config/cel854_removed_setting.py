"""A setting that Celery 5 no longer reads under any name.

## What happens

Nothing: what the setting once did doesn't happen, and nothing says so.

```python bad file=settings.py
CELERY_SEND_TASK_ERROR_EMAILS = True
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL854
```

## Use instead

```python good file=settings.py
CELERY_TASK_SEND_SENT_EVENT = True
```
```python good
from celery.signals import task_failure
from shop.mail import mail_admins

@task_failure.connect
def tell(sender, exception, **kwargs):
    mail_admins(f"{sender.name}: {exception}")
```

## When to switch it on

After an upgrade from Celery 3 or 4. In 25 real projects it tells nothing.

## Exceptions

Values that are false, and names that the project reads itself. A result backend that is gone is
CEL805's.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import UnknownSetting, setting_name
from flake8_celery.core.settings.reads import reads
from flake8_celery.tables.setting_values import REMOVED_SETTINGS


@rule(
    "CEL854",
    "removed-setting",
    pylint="R8756",
    on=UnknownSetting,
    default=False,
    message="%s is read by no Celery 5: %s",
)
def check(fact: UnknownSetting, context: Context) -> Iterator[Problem]:
    told = REMOVED_SETTINGS.get(fact.written)
    if told is None or context.every(fact.value, fact.region, lambda value: not value):
        return
    if not reads(context.model, fact.written, {fact.statement, fact.node}):
        yield Problem(setting_name(fact), (fact.written, told))
