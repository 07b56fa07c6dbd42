"""Where routing options stand, and which routes lead where."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from flake8_celery.core.model.fact import Absent, Fact
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch, Retry
from flake8_celery.core.model.stated import BeatEntry, Periodic, Setting
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

if TYPE_CHECKING:
    from flake8_celery.core.settings.configuration import Configuration, Known, Unreadable

#: Task attributes and call options that choose the way of a message.
ROUTING_OPTIONS: Final = ("queue", "exchange", "routing_key", "priority", "delivery_mode")
_QUEUES: Final = frozenset({"kombu.Queue", "kombu.entity.Queue"})
_EXCHANGES: Final = frozenset({"kombu.Exchange", "kombu.entity.Exchange"})
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
    """The task name or pattern of a route or annotation; None too for what can't be read."""


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
        yield Spot(kind, {}, region, False)
        return
    for value, scope in found:
        if isinstance(value, ast.Dict):
            for key, row in zip(value.keys, value.values, strict=True):
                if key is not None:
                    yield from _table(kind, row, scope, resolve, key)
                else:
                    yield Spot(kind, {}, scope, False)
        elif isinstance(value, (ast.List, ast.Tuple)):
            for element in value.elts:
                pair = isinstance(element, (ast.Tuple, ast.List)) and len(element.elts) == 2
                if depth and pair:
                    assert isinstance(element, (ast.Tuple, ast.List))
                    yield from _table(kind, element.elts[1], scope, resolve, element.elts[0])
                else:
                    yield from _rows(kind, element, scope, resolve, depth + 1)
        elif not (isinstance(value, ast.Constant) and value.value is None):
            yield Spot(kind, {}, scope, False)


def _table(
    kind: str, node: ast.expr, region: Region, resolve: Resolver, key: ast.expr | None = None
) -> Iterator[Spot]:
    """A dict of options, or in a route the queue's name alone."""
    found = resolve.expression(node, region)
    if found is None:
        yield Spot(kind, {}, region, False, key)
        return
    value, scope = found
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
    else:
        yield Spot(kind, {}, scope, False, key)


class Route(NamedTuple):
    """One route of `task_routes`: which names it matches, and where it sends them."""

    pattern: str
    spot: Spot
    model: Model
    """The facts of the module that it stands in."""


def routes(configuration: Configuration) -> list[Route] | None:
    """The routes in the order in which they are tried; None where they can't all be read."""
    known = configuration.setting("task_routes")
    kept = _ROUTES.get(configuration.notes)
    if kept is not None:
        return kept
    found = _routes(known)
    return _ROUTES.put(configuration.notes, found) if found else found


_ROUTES: Final[Slot[list[Route]]] = Slot(list)


def _routes(known: Known | Absent | Unreadable) -> list[Route] | None:
    if isinstance(known, Absent):
        return []
    if isinstance(known, Unknown) or known.changes or len(known.places) != 1:
        return None
    found: list[Route] = []
    for place in known.places:
        for spot in _rows("route", place.value, place.region, place.model.resolver):
            if spot.key is None:
                return None
            names = place.model.resolver.values(spot.key, spot.region)
            if isinstance(names, Unknown) or len(names) != 1 or not isinstance(names[0], str):
                return None
            found.append(Route(names[0], spot, place.model))
    return found


def matches(pattern: str, name: str) -> bool:
    """Whether a key of `task_routes` matches a task's name, as Celery's MapRoute does."""
    if "*" not in pattern:
        return pattern == name
    return re.match(fnmatch.translate(pattern), name) is not None


def only_direct(configuration: Configuration) -> bool:
    """Tell whether every exchange that a queue of the settings has is certainly a direct one."""
    if not configuration.found:
        return False
    for key in ("task_default_exchange_type", "task_create_missing_queue_exchange_type"):
        values = configuration.values(key)
        if not configuration.absent(key) and (
            isinstance(values, Unknown) or not set(values) <= {"direct", None}
        ):
            return False
    known = configuration.setting("task_queues")
    if isinstance(known, Absent):
        return True
    if isinstance(known, Unknown) or not known.sure or known.changes:
        return False
    return all(
        _direct_queues(place.value, place.region, place.model.resolver) for place in known.places
    )


def _direct_queues(node: ast.expr, region: Region, resolve: Resolver) -> bool:
    found = resolve.expression(node, region)
    if found is None:
        return False
    value, scope = found
    if not isinstance(value, (ast.List, ast.Tuple)):
        return False
    return all(_direct_queue(element, scope, resolve) for element in value.elts)


def _direct_queue(node: ast.expr, region: Region, resolve: Resolver) -> bool:
    found = resolve.expression(node, region)
    if found is None:
        return False
    call, scope = found
    if not isinstance(call, ast.Call) or resolve.qualname(call.func, scope) not in _QUEUES:
        return False
    arguments = Arguments(call)
    if arguments.splat or arguments.splat_keywords or "bindings" in arguments.keywords:
        return False
    exchange = arguments.get("exchange", 1)
    return exchange is None or _direct_exchange(exchange, scope, resolve)


def _direct_exchange(node: ast.expr, region: Region, resolve: Resolver) -> bool:
    found = resolve.expression(node, region)
    if found is None:
        return False
    call, scope = found
    if isinstance(call, ast.Constant):
        return isinstance(call.value, str)
    if not isinstance(call, ast.Call) or resolve.qualname(call.func, scope) not in _EXCHANGES:
        return False
    arguments = Arguments(call)
    if arguments.splat or arguments.splat_keywords:
        return False
    kind = arguments.get("type", 1)
    values = resolve.values(kind, scope) if kind is not None else ("direct",)
    return not isinstance(values, Unknown) and set(values) == {"direct"}


def in_effect(fact: Setting, configuration: Configuration, model: Model) -> bool:
    """Tell whether a setting that stands in this module is what the configuration goes by."""
    known = configuration.setting(fact.key)
    return not isinstance(known, (Absent, Unknown)) and any(
        place.model.project.path == model.project.path and place.value.lineno == fact.value.lineno
        for place in known.places
    )
