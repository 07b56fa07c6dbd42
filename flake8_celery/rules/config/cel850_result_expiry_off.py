"""Results that never expire.

## What happens

Every result stays in the backend for ever: Redis runs out of memory, the table grows without end.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.result_expires = None
                          ^^^^ CEL850
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.result_expires = 3600
```

Or `task_ignore_result = True` where nobody reads them. A database or filesystem backend needs beat
to delete what has expired.

## When to switch it on

Where the backend is a database or Redis of your own. In 25 real projects it tells one application.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Setting


def _never(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and value == 0)


@rule(
    "CEL850",
    "result-expiry-off",
    pylint="R8750",
    on=Setting,
    default=False,
    message="%s: results pile up in the backend for ever",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key == "result_expires" and fact.how == "=":
        if context.every(fact.value, fact.region, _never):
            yield Problem(fact.value, (fact.written,))
