"""`task_queues` of a wrong shape, or a Queue or Exchange with an unknown argument.

## What happens

`task_queues` wants a list or tuple of `Queue` objects, or a dict. A lone `(Queue("a"))` and a list of
texts make the worker exit at start (AttributeError or TypeError; under a namespace since Celery 5.7). `Queue` and `Exchange` drop a
misspelt argument without a word: the queue is declared without it.

```python bad
from celery import Celery
from kombu import Exchange, Queue

app = Celery("shop")
app.conf.task_queues = (Queue("orders"))
                        ^^^^^^^^^^^^^^^ CEL505
```
```python bad
from celery import Celery
from kombu import Exchange, Queue

app = Celery("shop")
app.conf.task_queues = ["orders", "mail"]
                        ^^^^^^^^ CEL505
```
```python bad
from kombu import Exchange, Queue

orders = Queue("orders", Exchange("orders", typ="topic"), routing_ky="orders.#")
                                            ^^^ CEL505
                                                          ^^^^^^^^^^ CEL505
```

## Use instead

```python good
from celery import Celery
from kombu import Exchange, Queue

app = Celery("shop")
app.conf.task_queues = (Queue("orders", Exchange("orders", type="topic"), routing_key="orders.#"),)
app.conf.task_queues = {"orders": {"exchange": "orders"}}
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.model import Fact, QueueCall, Setting
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.messaging import EXCHANGE_PARAMETERS, QUEUE_PARAMETERS
from flake8_celery.tables.settings import OLD_NAMES

_PARAMETERS = {"Queue": QUEUE_PARAMETERS, "Exchange": EXCHANGE_PARAMETERS}


@rule(
    "CEL505",
    "queues-shape",
    pylint="E8624",
    on=(Setting, QueueCall),
    message="%s: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, QueueCall):
        legal = _PARAMETERS[fact.kind]
        for name, keyword in fact.arguments.keywords.items():
            if name not in legal:
                meant = near_miss(name, sorted(legal)) or near_miss(f"{name}e", sorted(legal))
                hint = f", did you mean {meant}?" if meant else ""
                told = f"{fact.kind} knows no such argument and drops it without a word{hint}"
                yield Problem(keyword_name(keyword), (name, told))
        return
    assert isinstance(fact, Setting)
    if fact.key == "task_queues" and fact.how == "=":
        yield from _queues(fact, context)


def _exits(setting: Setting, context: Context) -> str:
    """What happens; an old name is not read under a namespace before Celery 5.7."""
    configuration = context.configuration()
    since = " since Celery 5.7" if configuration.namespace else ""
    if not configuration.found and setting.written in OLD_NAMES:
        since = " (under a namespace since Celery 5.7)"
    return f"the worker exits at start{since}"


def _queues(setting: Setting, context: Context) -> Iterator[Problem]:
    found = context.resolve.expression(setting.value, setting.region)
    if found is None:
        return
    value, region = found
    if isinstance(value, ast.Call):
        if context.resolve.qualname(value.func, region) in ("kombu.Queue", "kombu.entity.Queue"):
            told = f"one Queue is no list, {_exits(setting, context)}: write (Queue(...),)"
            yield Problem(value, (setting.written, told))
    elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        for element in value.elts:
            kind = context.only(element, region, {"str", "dict"})
            if kind:
                told = f"a {kind} is no Queue, {_exits(setting, context)}: write Queue(...)"
                yield Problem(element, (setting.written, told))
                return
