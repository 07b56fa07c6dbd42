"""The visibility timeout, set for results alone.

## What happens

`result_backend_transport_options` says how results are stored. The broker reads
`broker_transport_options`, and keeps its own timeout: an hour on Redis, half an hour on SQS. What is
acknowledged later than that is delivered again.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")
app.conf.result_backend_transport_options = {"visibility_timeout": 4 * 3600}
                                             ^^^^^^^^^^^^^^^^^^^^ CEL323
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost", backend="redis://localhost/1")
app.conf.broker_transport_options = {"visibility_timeout": 4 * 3600}
app.conf.result_backend_transport_options = {"visibility_timeout": 4 * 3600}
```

## Exceptions

Brokers other than Redis and SQS; settings of which not all can be read, or that nothing loads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from flake8_celery.core.engine import Context, Problem, Unknown, dotted, rule
from flake8_celery.core.messages.routes import in_effect
from flake8_celery.core.model import Arguments, Setting
from flake8_celery.core.settings.effective import visibility
from flake8_celery.core.settings.read import namespace_of

if TYPE_CHECKING:
    from flake8_celery.core.settings.configuration import Configuration

RESULTS: Final = "result_backend_transport_options"
TIMEOUT: Final = "visibility_timeout"


@rule(
    "CEL323",
    "visibility-timeout-on-results",
    pylint="E8575",
    on=Setting,
    message="the broker does not read this, its own timeout holds, %s: set it in "
    "broker_transport_options",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != RESULTS:
        return
    place = _timeout(fact, context)
    if place is None or isinstance(namespace_of(fact, context.model), Unknown):
        return
    configuration = context.configuration()
    if not in_effect(fact, configuration, context.model):
        return
    limit = visibility(configuration)
    if limit is not None and not limit.given:
        yield Problem(place, (limit,))


def _timeout(fact: Setting, context: Context) -> ast.AST | None:
    """Where the timeout is named."""
    if fact.how == "[]":
        named = isinstance(fact.item, ast.Constant) and fact.item.value == TIMEOUT
        return fact.item if named else None
    found = context.resolve.expression(fact.value, fact.region)
    if found is None:
        return None
    table, region = found
    if isinstance(table, ast.Dict):
        for key in table.keys:
            if isinstance(key, ast.Constant) and key.value == TIMEOUT:
                return key if region.module is context.module.region else fact.value
    elif isinstance(table, ast.Call) and dotted(table.func) == "dict":
        keyword = Arguments(table).keywords.get(TIMEOUT)
        return keyword.value if keyword is not None else None
    return None


def mistaken(configuration: Configuration) -> bool:
    """Tell whether the timeout is set for results alone: then that is said, and no more."""
    limit = visibility(configuration)
    values = configuration.values(RESULTS)
    if limit is None or limit.given or isinstance(values, Unknown):
        return False
    return any(isinstance(value, dict) and TIMEOUT in value for value in values)
