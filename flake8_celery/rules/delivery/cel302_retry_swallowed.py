"""A broad `except` swallows the exception that `self.retry()` works by.

## What happens

`self.retry()` sends the message again and then raises `Retry`; `Ignore`, `Reject` and
`self.replace()` work by exceptions too. `except Exception` around them catches it: the task is
stored as SUCCESS, or goes on, while it is being retried.

```python bad
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    try:
        if not ready(pk):
            raise self.retry(countdown=60)
                       ^^^^^ CEL302
        push(pk)
    except Exception:
        log(pk)
```

A function that the task calls in the `try` counts, where it is in sight.

```python bad
from celery import shared_task
from celery.exceptions import Reject

def push(pk):
    if pk is None:
        raise Reject("no such order", requeue=False)

@shared_task
def sync(pk):
    try:
        push(pk)
        ^^^^ CEL302
    except Exception:
        log(pk)
```

## Use instead

Let Celery's exceptions through, or retry outside of the `try`.

```python good
from celery import shared_task
from celery.exceptions import Retry

@shared_task(bind=True)
def sync(self, pk):
    try:
        if not ready(pk):
            raise self.retry(countdown=60)
        push(pk)
    except Retry:
        raise
    except Exception:
        log(pk)
```

## Exceptions

A handler that raises in any way, `retry(throw=False)`, and a retry in the `else`, in a handler or in
`finally`.

```python good
from celery import shared_task

@shared_task(bind=True)
def sync(self, pk):
    try:
        push(pk)
    except Exception as err:
        raise self.retry(exc=err)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.bodies.called import Body, Call, Ran, bodies_called, body_of
from flake8_celery.core.engine import Context, Problem, Region, called_name, dotted, rule
from flake8_celery.core.model import Fact, Function, Raise, Replace, Retry, Task
from flake8_celery.core.syntax.flow import raises, walk
from flake8_celery.core.syntax.regions import FUNCTION, LAMBDA, TRY

BROAD = frozenset({"Exception", "BaseException"})
TRIES = (ast.Try, getattr(ast, "TryStar", ast.Try))
WORDS = ("retry(", "Reject", "Ignore", "Retry")
RAISED = {f"celery.exceptions.{name}": name for name in ("Ignore", "Reject", "Retry")}
CURRENT = frozenset({"celery.current_task", "celery._state.current_task"})
OWN = frozenset(
    [
        "Retry",
        "Ignore",
        "Reject",
        "RetryTaskError",
        "TaskPredicate",
        "CeleryError",
        "MaxRetriesExceededError",
    ]
)


@rule(
    "CEL302",
    "retry-swallowed",
    pylint="E8521",
    on=(Retry, Raise, Replace, Task),
    words=("except",),
    message="%s raises %s, which the %s on line %s swallows: %s",
    body=True,
    yields_to=("CEL318",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, Task):
        yield from _in_what_it_calls(fact, context)
        return
    if isinstance(fact, Retry):
        if "throw" in fact.arguments.keywords or fact.arguments.splat_keywords:
            return
        place, what, name, told = (
            called_name(fact.call),
            "retry()",
            "Retry",
            ("the task counts as succeeded while it is retried; re-raise Retry"),
        )
    elif isinstance(fact, Replace):
        place, what, name, told = (
            called_name(fact.call),
            "replace()",
            "Ignore",
            ("both results are stored; re-raise Ignore"),
        )
    else:
        assert isinstance(fact, Raise)
        if fact.task is None or fact.node.exc is None:
            return
        place, what, name = fact.node.exc, "this", fact.name
        told = f"the task counts as succeeded; re-raise {fact.name}"
    handler = _swallowing(fact.region)
    if handler is None:
        return
    if isinstance(fact, Retry) and _retries(handler, context):
        told = "the handler retries again and the message is sent twice; re-raise Retry first"
    elif raises(handler.body):
        return
    yield Problem(place, (what, name, _shown(handler), handler.lineno, told))


def _in_what_it_calls(task: Task, context: Context) -> Iterator[Problem]:
    """Functions that a task calls inside of a `try`, and that raise what Celery works by."""
    if task.function is None or not any(isinstance(n, TRIES) for n in walk(task.function.body)):
        return
    own = body_of(task.function, context.model)
    for through in own.calls if own is not None else ():
        handler = _swallowing(through.region)
        if handler is None or raises(handler.body) or _retries(handler, context):
            continue
        for body in bodies_called(through, context.model, WORDS):
            found = _raised_by(body, through, task)
            if found is not None:
                node, name = found
                ran = Ran(Call(node, through.statement, body.region), body, through)
                what = f"{body.function.name}(){ran.place}"
                told = f"the task counts as succeeded; re-raise {name}"
                arguments = (what, name, _shown(handler), handler.lineno, told)
                yield Problem(called_name(through.node), arguments)


def _raised_by(body: Body, through: Call, task: Task) -> tuple[ast.Call, str] | None:
    """The first call of a function that raises what the worker must see, and what it raises."""
    for call in body.calls:
        func, region = call.node.func, call.region
        if _swallowing(region) is not None:
            continue
        name = body.model.resolver.qualname(func, region)
        raised = isinstance(call.statement, ast.Raise) and call.statement.exc is call.node
        if raised and name in RAISED:
            return call.node, RAISED[name]
        if isinstance(func, ast.Attribute) and func.attr == "retry":
            handed = _parameter(task.self_name, through.node, body.function)
            receiver = body.model.resolver.qualname(func.value, region)
            own = isinstance(func.value, ast.Name) and func.value.id == handed
            throws = not any(k.arg in ("throw", None) for k in call.node.keywords)
            if throws and (own or receiver in CURRENT):
                return call.node, "Retry"
    return None


def _parameter(name: str | None, call: ast.Call, function: Function) -> str | None:
    """The parameter by which a function gets what the caller knows as `name`."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            break
        if isinstance(argument, ast.Name) and argument.id == name and index < len(parameters):
            return parameters[index].arg
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.value.id == name:
            return keyword.arg
    return None


def _shown(handler: ast.ExceptHandler) -> str:
    return f"except {ast.unparse(handler.type)}" if handler.type is not None else "bare except"


def _swallowing(region: Region) -> ast.ExceptHandler | None:
    """The first handler around this place that catches all exceptions, if none before it lets Celery's through."""
    for around in region:
        if around.kind in (FUNCTION, LAMBDA):
            return None
        if around.kind is not TRY or not isinstance(around.node, ast.Try):
            continue
        for handler in around.node.handlers:
            names = _names(handler.type)
            if not names.isdisjoint(OWN):
                return None
            if handler.type is None or not names.isdisjoint(BROAD):
                return handler
    return None


def _names(node: ast.expr | None) -> set[str]:
    if node is None:
        return set()
    types = node.elts if isinstance(node, ast.Tuple) else [node]
    return {(dotted(kind) or "").rpartition(".")[2] for kind in types}


def _retries(handler: ast.ExceptHandler, context: Context) -> bool:
    return any(
        region.node is handler and "throw" not in other.arguments.keywords
        for other in context.model.of(Retry)
        for region in other.region
    )
