"""A time limit that the worker's pool does not enforce.

## What happens

Only `prefork` enforces both limits. `gevent` enforces the hard one; `threads`, `solo` and
`eventlet` enforce none: the task runs on for ever.

```python bad celery-pool=threads
from celery import shared_task

@shared_task(time_limit=60)
             ^^^^^^^^^^ CEL106
def report(): ...
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.worker_pool = "gevent"

@app.task(soft_time_limit=60)
          ^^^^^^^^^^^^^^^ CEL106
def report(): ...
```

## Use instead

```python good celery-pool=prefork
from celery import shared_task

@shared_task(time_limit=60)
def report(): ...
```

On another pool give the slow call itself a timeout: `requests.get(url, timeout=10)`.

## Exceptions

With several pools in `celery-pool` only a limit that none of them enforces is reported; with
`custom` nothing is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, keyword_name, rule
from flake8_celery.core.model import Dispatch, Fact, Task
from flake8_celery.core.settings.pools import pools

#: What each pool does about the hard and the soft limit.
_ENFORCED = {
    "time_limit": frozenset({"prefork", "processes", "gevent", "custom"}),
    "soft_time_limit": frozenset({"prefork", "processes", "custom"}),
}


@rule(
    "CEL106",
    "limit-ignored-by-pool",
    pylint="W8562",
    on=(Task, Dispatch),
    words=("time_limit",),
    message="%s is not enforced on the %s pool: the task may run for ever",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    given: dict[str, tuple[ast.keyword, Region]] = {}
    task: Task | None = None
    if isinstance(fact, Task):
        task = fact
        for name in _ENFORCED:
            own = fact.own(name)
            if own is not None and own.keyword is not None:
                given[name] = own.keyword, own.region
    elif isinstance(fact, Dispatch):
        for name in _ENFORCED:
            if name in fact.options:
                given[name] = fact.options[name], fact.region
    if not given:
        return
    found = pools(context.model, task)
    for name, (keyword, region) in given.items():
        if found and not any(pool in _ENFORCED[name] for pool in found):
            if context.every(keyword.value, region, _limits):
                yield Problem(keyword_name(keyword), (name, " or ".join(sorted(found))))


def _limits(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 0
