"""A handler of `MaxRetriesExceededError` around a `retry()` that raises something else.

## What happens

When the retries are used up, `retry(exc=error)` raises `error` itself. `MaxRetriesExceededError` comes
only where no `exc` was given: the branch that gives up never runs, and the task ends with the error.

```python bad
from celery import shared_task
from celery.exceptions import MaxRetriesExceededError

@shared_task(bind=True, max_retries=3)
def upload(self, pk):
    try:
        push(pk)
    except ConnectionError as error:
        try:
            raise self.retry(exc=error)
        except MaxRetriesExceededError:
               ^^^^^^^^^^^^^^^^^^^^^^^ CEL320
            undelivered(pk)
```

An automatic retry happens outside of the function: no handler in it sees how that ends.

```python bad
from celery import shared_task

@shared_task(bind=True, autoretry_for=(ConnectionError,))
def upload(self, pk):
    try:
        push(pk)
    except self.MaxRetriesExceededError:
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL320
        undelivered(pk)
```

## Use instead

Leave `exc` out, or ask how many retries there were. After automatic retries, `on_failure` of a Task
class runs.

```python good
from celery import shared_task
from celery.exceptions import MaxRetriesExceededError

@shared_task(bind=True, max_retries=3)
def upload(self, pk):
    try:
        push(pk)
    except ConnectionError:
        try:
            raise self.retry()
        except MaxRetriesExceededError:
            undelivered(pk)

@shared_task(bind=True, max_retries=3)
def check(self, pk):
    try:
        push(pk)
    except ConnectionError as error:
        if self.request.retries >= self.max_retries:
            return undelivered(pk)
        raise self.retry(exc=error)
```

## Exceptions

Another `retry()` without `exc` in the same `try`; a handler that names the type of `exc` too; `exc` that
may be None, or a `MaxRetriesExceededError`; a task that is handed on, which may be retried there.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.core.engine import Context, Problem, Region, Unknown, dotted, rule
from flake8_celery.core.model import Arguments, GiveUp
from flake8_celery.core.syntax.flow import escapes, walk
from flake8_celery.core.syntax.regions import FUNCTION, HANDLER, LAMBDA

EXCEEDED: Final = "MaxRetriesExceededError"
_OURS: Final = f"celery.exceptions.{EXCEEDED}"
_RETRY: Final = "retry"
_ERRORS: Final = ("Error", "Exception", "Exceeded", "Timeout", "Failed", "Failure")
_AUTOMATIC: Final = "automatic retries happen outside of the function"


@rule(
    "CEL320",
    "give-up-never-runs",
    pylint="E8573",
    on=GiveUp,
    message="this never runs, %s: %s",
    body=True,
)
def check(fact: GiveUp, context: Context) -> Iterator[Problem]:
    body = fact.around.body
    calls = [
        node
        for node in walk(body)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == _RETRY
    ]
    if not calls:
        if _only_automatic(fact, context):
            told = "ask for self.request.retries, or define on_failure"
            yield Problem(fact.named, (_AUTOMATIC, told))
        return
    receivers = {dotted(call.func.value) or "" for call in calls}  # type: ignore[attr-defined]
    if not _is_celerys(fact, receivers, context) or _may_retry_elsewhere(body, receivers, context):
        return
    others = _other_types(fact)
    for call in calls:
        types = _raised(call, _region_of(call, context) or fact.region, context)
        if types is None or _caught(types, others):
            return
    told = "leave exc out, or ask for self.request.retries"
    yield Problem(fact.named, ("when retries are used up retry() raises its exc", told))


def _only_automatic(fact: GiveUp, context: Context) -> bool:
    """Whether the task is retried automatically, and nothing in the `try` may retry by hand."""
    task = context.model.own_body_of(fact.region)
    if task is None or not task.option("autoretry_for"):
        return False
    if not _is_celerys(fact, {task.self_name or task.name}, context):
        return False
    names = {task.name, task.self_name or task.name}
    return not _may_retry_elsewhere(fact.around.body, names, context)


def _is_celerys(fact: GiveUp, receivers: set[str], context: Context) -> bool:
    """Whether the handler's type is Celery's: imported, or an attribute of what is retried."""
    if context.resolve.qualname(fact.named, fact.region) == _OURS:
        return True
    named = fact.named
    if not isinstance(named, ast.Attribute):
        return False
    if dotted(named.value) in receivers:
        return True
    return context.model.task_at(named.value, fact.region) is not None


def _may_retry_elsewhere(body: Sequence[ast.stmt], receivers: set[str], context: Context) -> bool:
    """Whether the block raises the error itself, or calls what may retry without `exc`."""
    for name in receivers:
        if escapes(body, name):
            return True
    for node in walk(body):
        if isinstance(node, ast.Raise) and node.exc is not None:
            if (dotted(_called(node.exc)) or "").rpartition(".")[2] == EXCEEDED:
                return True
        if isinstance(node, ast.Call):
            last = (dotted(node.func) or "").rpartition(".")[2]
            if last != _RETRY and _RETRY in last.lower():
                return True
            if isinstance(node.func, ast.Name) and _retries(node.func.id, context):
                return True
    return False


def _retries(name: str, context: Context) -> bool:
    """Whether a function of this module, so called, calls a `retry`."""
    return any(
        around.kind is FUNCTION and getattr(around.node, "name", "") == name
        for _, _, region in context.model.candidates.attribute_calls.get(_RETRY, ())
        for around in region
    )


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _region_of(call: ast.Call, context: Context) -> Region | None:
    for candidate, _, region in context.model.candidates.attribute_calls.get(_RETRY, ()):
        if candidate is call:
            return region
    return None


def _raised(call: ast.Call, region: Region, context: Context) -> list[str] | None:
    """The names of the types that `exc` may have, empty where no type can be told.

    None where there may be no `exc`, or one that is false or a MaxRetriesExceededError.
    """
    arguments = Arguments(call)
    given = arguments.get("exc", 2)
    if given is None and arguments.splat_keywords and not arguments.splat:
        given = _splatted(call, region, context)
    if given is None:
        return None
    found = _types(given, region, context)
    return None if found is None or EXCEEDED in found else found


def _splatted(call: ast.Call, region: Region, context: Context) -> ast.expr | None:
    """The value under `exc` of a dict that is written in sight and handed on whole."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            continue
        found = context.resolve.expression(keyword.value, region)
        if found is None:
            return None
        table = found[0]
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "exc":
                    return value
        elif isinstance(table, ast.Call) and dotted(table.func) == "dict":
            inner = Arguments(table).get("exc")
            if inner is not None:
                return inner
    return None


def _types(node: ast.expr, region: Region, context: Context) -> list[str] | None:
    if isinstance(node, ast.Name):
        for around in region:
            if around.kind in (FUNCTION, LAMBDA):
                break
            handler = around.node
            if (
                around.kind is HANDLER
                and isinstance(handler, ast.ExceptHandler)
                and handler.name == node.id
            ):
                kinds = handler.type
                types = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
                return [(dotted(kind) or "").rpartition(".")[2] for kind in types if kind]
        bindings = region.lookup(node.id) or []
        if len(bindings) == 1 and bindings[0].how == "parameter":
            return _parameter(bindings[0].node, bindings[0].scope)
    if not context.only(node, region, ("exception", "exception-class")):
        last = (dotted(_called(node)) or "").rpartition(".")[2]
        # an exception of another module, by its name
        return [last] if last[:1].isupper() and last.endswith(_ERRORS) else None
    found = context.resolve.expressions(node, region)
    if isinstance(found, Unknown):
        return None
    return [(dotted(_called(each)) or "").rpartition(".")[2] for each, _ in found]


def _parameter(node: ast.AST, scope: Region) -> list[str] | None:
    """A parameter is likely an exception, unless it has a default or may be None."""
    function = scope.node
    if not isinstance(node, ast.arg) or not isinstance(
        function, (ast.FunctionDef, ast.AsyncFunctionDef)
    ):
        return None
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = positional[len(positional) - len(arguments.defaults) :]
    optional += [
        each
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    ]
    if node in optional or node in (arguments.vararg, arguments.kwarg):
        return None
    if node.annotation is None:
        return []
    name = (dotted(node.annotation) or "").rpartition(".")[2]
    return [name] if name.endswith(_ERRORS) else None


def _other_types(fact: GiveUp) -> list[str]:
    """What the handler names beside the error."""
    kind = fact.node.type
    types = kind.elts if isinstance(kind, ast.Tuple) else []
    return [(dotted(each) or "").rpartition(".")[2] for each in types if each is not fact.named]


def _caught(types: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one of these types may be caught by the handler's others."""
    if others and not types:
        return True
    for name in types:
        for other in others:
            one, two = getattr(builtins, name, None), getattr(builtins, other, None)
            if not isinstance(one, type) or not isinstance(two, type):
                return True
            if issubclass(one, two) or issubclass(two, one):
                return True
    return False
