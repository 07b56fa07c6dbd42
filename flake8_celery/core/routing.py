"""Where source says how a task is sent: on the task, at a call, in a route, in a beat entry."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flake8_celery.core.model import (
    BeatEntry,
    Dispatch,
    Fact,
    Periodic,
    Retry,
    Setting,
    Task,
)
from flake8_celery.core.resolve import Resolver, Unknown
from flake8_celery.core.source import Region

#: Task attributes and call options that choose the way of a message.
ROUTING_OPTIONS: Final = ("queue", "exchange", "routing_key", "priority", "delivery_mode")
SPOTS: Final = (Task, Dispatch, Retry, Setting, BeatEntry, Periodic)
"""The facts that may hold such options."""


class Spot(NamedTuple):
    """Options given in one place."""

    kind: str
    """`task`, `call`, `route`, `beat` or `annotation`."""
    given: Mapping[str, tuple[ast.AST, ast.expr]]
    """Each option's name, the node of the name, and its value."""
    region: Region
    complete: bool
    """False where a splat or a computed key may hide some."""
    key: ast.expr | None = None
    """The task name or pattern of a route or annotation."""


def spots(fact: Fact, resolve: Resolver) -> Iterator[Spot]:
    """The options that a fact gives, once for each route, entry, call or task."""
    if isinstance(fact, Task):
        given: dict[str, tuple[ast.AST, ast.expr]] = {}
        for name in ROUTING_OPTIONS:
            own = fact.own(name)
            if own is not None:
                given[name] = (own.keyword or own.value, own.value)
        splat = fact.arguments.splat_keywords or fact.style == "project"
        yield Spot("task", given, fact.options_region, not splat)
    elif isinstance(fact, Dispatch):
        options = {name: (k, k.value) for name, k in fact.options.items()}
        yield Spot("call", options, fact.region, not fact.arguments.splat_keywords)
    elif isinstance(fact, Retry):
        options = {name: (k, k.value) for name, k in fact.arguments.keywords.items()}
        yield Spot("call", options, fact.region, not fact.arguments.splat_keywords)
    elif isinstance(fact, Periodic):
        options = {name: (k, k.value) for name, k in fact.arguments.keywords.items()}
        yield Spot("beat", options, fact.region, not fact.arguments.splat_keywords)
    elif isinstance(fact, BeatEntry):
        if "options" in fact.fields:
            yield from _table("beat", fact.fields["options"][1], fact.region, resolve)
        else:
            yield Spot("beat", {}, fact.region, fact.complete)
    elif isinstance(fact, Setting) and fact.key in ("task_routes", "task_annotations"):
        kind = "route" if fact.key == "task_routes" else "annotation"
        if fact.how == "[]":
            if fact.item is not None:
                yield from _table(kind, fact.value, fact.region, resolve, fact.item)
        else:
            yield from _rows(kind, fact.value, fact.region, resolve)


def _rows(
    kind: str, node: ast.expr, region: Region, resolve: Resolver, depth: int = 0
) -> Iterator[Spot]:
    found = resolve.expressions(node, region)
    if isinstance(found, Unknown) or depth > 2:
        return
    for value, scope in found:
        if isinstance(value, ast.Dict):
            for key, row in zip(value.keys, value.values, strict=True):
                if key is not None:
                    yield from _table(kind, row, scope, resolve, key)
        elif isinstance(value, (ast.List, ast.Tuple)):
            for element in value.elts:
                pair = isinstance(element, (ast.Tuple, ast.List)) and len(element.elts) == 2
                if depth and pair:
                    assert isinstance(element, (ast.Tuple, ast.List))
                    yield from _table(kind, element.elts[1], scope, resolve, element.elts[0])
                else:
                    yield from _rows(kind, element, scope, resolve, depth + 1)


def _table(
    kind: str, node: ast.expr, region: Region, resolve: Resolver, key: ast.expr | None = None
) -> Iterator[Spot]:
    """A dict of options, or in a route the queue's name alone."""
    found = resolve.expressions(node, region)
    if isinstance(found, Unknown) or len(found) != 1:
        return
    value, scope = found[0]
    if isinstance(value, ast.Dict):
        given: dict[str, tuple[ast.AST, ast.expr]] = {}
        complete = True
        for name, item in zip(value.keys, value.values, strict=True):
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                given[name.value] = (name, item)
            else:
                complete = False
        yield Spot(kind, given, scope, complete, key)
    elif (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "dict"
        and scope.is_builtin("dict")
        and not value.args
    ):
        named = {k.arg: (k, k.value) for k in value.keywords if k.arg is not None}
        yield Spot(kind, named, scope, len(named) == len(value.keywords), key)
    elif kind == "route" and isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield Spot(kind, {"queue": (value, value)}, scope, True, key)
