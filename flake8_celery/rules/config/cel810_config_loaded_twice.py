"""`config_from_object` twice on one application.

## What happens

The second call replaces what the first one loaded: its settings are gone, all of them.

```python bad
from celery import Celery

app = Celery("shop")
app.config_from_object("shop.defaults")
app.config_from_object("shop.production")
    ^^^^^^^^^^^^^^^^^^ CEL810
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.config_from_object("shop.defaults")
app.conf.update(task_acks_late=True)
```

Or let the second module begin with `from shop.defaults import *`.

## Exceptions

Calls of which only one runs: in two branches, or in a `try` and its handler.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, called_name, dotted, rule
from flake8_celery.core.model import AppCall


@rule(
    "CEL810",
    "config-loaded-twice",
    pylint="W8749",
    on=AppCall,
    message="this replaces all that config_from_object on line %s loaded",
)
def check(fact: AppCall, context: Context) -> Iterator[Problem]:
    if fact.method != "config_from_object":
        return
    before = [
        other
        for other in context.model.of(AppCall)
        if other.method == fact.method
        and other.region is fact.region
        and dotted(other.receiver) == dotted(fact.receiver)
        and other.call.lineno < fact.call.lineno
    ]
    if before:
        line = max(other.call.lineno for other in before)
        yield Problem(called_name(fact.call), (line,))
