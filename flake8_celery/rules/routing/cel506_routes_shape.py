"""`task_routes` of a shape that Celery can't use, or that never matches.

## What happens

- A bare list of pairs: `ValueError: too many values to unpack` at the first `delay`; the list of
  pairs must itself stand in a list.
- A route that is None or a number: TypeError at the first `delay` of a task it matches.
- An unknown option in a route is ignored: the task goes to the default queue.
- A key is a pattern only if it has a `*` in it: `?`, `[...]` and regular expressions as text never
  match.
- A key of one word is no task's automatic name, which has the module in it; told with a lock.
- An exchange without `queue`, on Redis, SQS and other brokers whose exchanges are kombu's own: until a
  worker has declared the queue the message is nowhere.
- A router function without `task=` or `**kwargs`: TypeError at each `delay`.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_routes = [("shop.mail.*", {"queue": "mail"}), ("shop.pay.*", {"queue": "pay"})]
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL506
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_routes = {
    "shop.mail.send": None,
                      ^^^^ CEL506
    "shop.pay.*": {"que": "pay"},
                   ^^^^^ CEL506
    "shop.report.dail?": {"queue": "slow"},
    ^^^^^^^^^^^^^^^^^^^ CEL506
}
```
```python bad
from celery import Celery

def route(name, args, kwargs, options):
    return {"queue": "mail"}

app = Celery("shop")
app.conf.task_routes = (route,)
                        ^^^^^ CEL506
```

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.conf.task_routes = {
    "shop.pay": {"exchange": "pay", "exchange_type": "topic", "routing_key": "pay.card"},
    ^^^^^^^^^^ CEL506
}
```

## Use instead

```python good
from celery import Celery

def route(name, args, kwargs, options, task=None, **kw):
    return {"queue": "mail"}

app = Celery("shop")
app.conf.task_routes = {"shop.mail.*": {"queue": "mail"}, "shop.pay.card": "pay"}
app.conf.task_routes = ([("shop.mail.*", {"queue": "mail"})], route)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, rule
from flake8_celery.core.messages.routes import only_direct, spots
from flake8_celery.core.messages.sent_task import locked, names_plainly
from flake8_celery.core.model import LooseSetting, Setting
from flake8_celery.core.model.names import task_named
from flake8_celery.core.syntax.regions import parameters_of
from flake8_celery.rules.routing.cel503_routing_without_effect import NOWHERE, VIRTUAL
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.execution import APPLY_ASYNC


@rule(
    "CEL506",
    "routes-shape",
    pylint="E8625",
    on=(Setting, LooseSetting),
    message="%s: %s",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key != "task_routes":
        return
    if not isinstance(fact, LooseSetting):
        yield from _undeclared(fact, context)
    if fact.how == "[]":
        if fact.item is not None:
            yield from _route(fact, fact.item, fact.value, fact.region, context)
        return
    found = context.resolve.expression(fact.value, fact.region)
    if found is None:
        return
    value, region = found
    if isinstance(value, ast.Dict):
        yield from _table(fact, value, region, context)
    elif isinstance(value, (ast.List, ast.Tuple)) and value.elts and fact.how == "=":
        if all(_is_pair(element, region, context) for element in value.elts):
            told = "a bare list of pairs raises ValueError at the first delay: put it in a list, [[...]]"
            yield Problem(value, (fact.written, told))
            return
        for element in value.elts:
            if isinstance(element, ast.Dict):
                yield from _table(fact, element, region, context)
            else:
                yield from _router(fact, element, region, context)
    elif fact.how == "=":
        yield from _router(fact, value, region, context)


def _undeclared(setting: Setting, context: Context) -> Iterator[Problem]:
    """Routes with an exchange and no queue, on a broker whose exchanges are kombu's own."""
    configuration = context.configuration()
    for spot in spots(setting, context.resolve):
        if not spot.complete or "queue" in spot.given or "exchange" not in spot.given:
            continue
        if "routing_key" not in spot.given and only_direct(configuration):
            continue  # ignored altogether
        broker = configuration.broker
        if broker is not None and broker.name in VIRTUAL:
            told = f"an exchange without queue on {broker.name} declares no queue: {NOWHERE}"
            yield Problem(spot.key or spot.given["exchange"][0], (setting.written, told))


def _is_pair(node: ast.expr, region: Region, context: Context) -> bool:
    return (
        isinstance(node, (ast.Tuple, ast.List))
        and len(node.elts) == 2
        and bool(context.only(node.elts[0], region, {"str"}))
        and bool(context.only(node.elts[1], region, {"dict", "str"}))
    )


def _table(
    setting: Setting, table: ast.Dict, region: Region, context: Context
) -> Iterator[Problem]:
    for key, value in zip(table.keys, table.values, strict=True):
        if key is not None:
            yield from _route(setting, key, value, region, context)


def _route(
    setting: Setting, key: ast.expr, value: ast.expr, region: Region, context: Context
) -> Iterator[Problem]:
    patterns = context.every(key, region, _never_matches)
    if patterns:
        told = (
            f"{patterns[0]!r} matches nothing: only a key with * is a pattern, all else is a name"
        )
        yield Problem(key, (setting.written, told))
    words = context.every(key, region, lambda text: _one_word(text, context))
    if words:
        told = f"no task has the name {words[0]!r}: give the whole name, with its module"
        yield Problem(key, (setting.written, told))
    kind = context.only(value, region, {"none", "int", "bool", "float"})
    if kind:
        told = "a route is a queue's name or a dict: TypeError at the first delay it matches"
        yield Problem(value, (setting.written, told))
    elif isinstance(value, ast.Dict):
        for name in value.keys:
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                if name.value not in APPLY_ASYNC:
                    meant = near_miss(name.value, sorted(APPLY_ASYNC)) or (
                        "queue" if name.value in ("que", "queue_name", "q") else None
                    )
                    hint = f", did you mean {meant}?" if meant else ""
                    told = f"{name.value!r} is no option and is ignored{hint}"
                    yield Problem(name, (setting.written, told))


def _never_matches(value: object) -> bool:
    if not isinstance(value, str) or "*" in value:
        return False
    return any(sign in value for sign in "?[]\\^$|()+")


def _one_word(text: object, context: Context) -> bool:
    """Whether a key without a module is the name of no task, as the lock knows."""
    if not isinstance(text, str) or not text.isidentifier():
        return False
    lock = locked(context.model)
    return (
        lock is not None
        and names_plainly(context.model)
        and bool(lock.tasks)
        and task_named(text, context.model) is None
        and (text not in lock.tasks and any(name.endswith(f".{text}") for name in lock.tasks))
    )


def _router(
    setting: Setting, node: ast.expr, region: Region, context: Context
) -> Iterator[Problem]:
    found = context.resolve.definition(node, region)
    if found is None or not isinstance(found[0], FunctionNode) or found[0].decorator_list:
        return
    arguments = found[0].args
    names = {parameter.arg for parameter in parameters_of(arguments)}
    if arguments.kwarg is None and "task" not in names:
        told = "the router is called with task=: TypeError at each delay; add task=None, **kw"
        yield Problem(node, (setting.written, told))
