"""Containers made of others: comprehensions, builtins, unpacking, slices, records."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from typing import Any, Final

from flake8_celery.core.syntax.regions import Binding, Region, Scope
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import (
    CLOSED,
    MAX_ITEMS,
    MAX_VALUES,
    UNKNOWN,
    Record,
    Stream,
    Unknown,
    Values,
    bounded,
    distinct,
    unknown_of,
)
from flake8_celery.notes import Slot

#: Calls of builtins that are worked out where every argument is known.
FOLDED_CALLS: Final = frozenset(
    {
        *("int", "float", "str", "range", "len", "min", "max", "abs", "round", "bool"),
        *("tuple", "list", "set", "frozenset", "dict", "sorted", "zip", "enumerate", "reversed"),
        *("sum", "any", "all"),
    }
)
#: Their arguments may come in any order.
_ORDERLESS: Final = frozenset(
    {"len", "min", "max", "bool", "set", "frozenset", "sorted", "any", "all"}
)
_STREAMS: Final = frozenset({"zip", "enumerate", "reversed"})
#: What is declared by a call that is worth a record, by the name of its class.
RECORDED: Final = frozenset(
    f"{module}.{name}"
    for module in ("kombu", "kombu.entity", "kombu.common")
    for name in ("Queue", "Exchange", "Broadcast")
)
Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def is_orderless(value: object) -> bool:
    """Tell whether in what order a value is gone through can't be told."""
    return isinstance(value, (set, frozenset)) and len(value) > 1


def items_of(value: Any) -> list[object] | None:
    """What a loop over a value goes through; None where it is none, or too large."""
    if not isinstance(value, (str, list, tuple, dict, set, frozenset, range)):
        return None
    return list(value) if len(value) <= MAX_ITEMS else None


def taken_apart(target: ast.expr, value: object) -> Iterator[tuple[str, object]]:
    """What each name of a target gets of a value; raises where Python would."""
    if isinstance(target, ast.Name):
        yield target.id, value
        return
    if not isinstance(target, (ast.Tuple, ast.List)) or is_orderless(value):
        raise LookupError
    parts = items_of(value)
    if parts is None:
        raise LookupError
    count = len(target.elts)
    starred = [n for n, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
    if starred:
        at = starred[0]
        end = len(parts) - (count - at - 1)
        if end < at:
            raise LookupError
        parts = [*parts[:at], parts[at:end], *parts[end:]]
    if len(parts) != count:
        raise LookupError
    for part, item in zip(target.elts, parts, strict=True):
        yield from taken_apart(part.value if isinstance(part, ast.Starred) else part, item)


def bound_by(resolver: Resolver, binding: Binding, name: str, depth: int) -> Values:
    """The values that a loop's name or one of several unpacked at once gets."""
    node = binding.node
    if isinstance(node, (ast.For, ast.comprehension)):
        if isinstance(node, ast.comprehension) and node.is_async:
            return CLOSED
        if isinstance(node, ast.For) and may_grow(resolver, node, binding.scope):
            return CLOSED
        given = resolver.fold(node.iter, _outside(binding.scope, node), depth)
        wholes: list[object] = []
        for value in () if isinstance(given, Unknown) else given:
            items = items_of(value)
            if items is None:
                return CLOSED
            wholes += items
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        given = resolver.fold(node.value, binding.scope, depth)
        wholes = [] if isinstance(given, Unknown) else list(given)
        targets = [t for t in node.targets if not isinstance(t, ast.Name)]
    else:
        return CLOSED
    if isinstance(given, Unknown):
        return unknown_of(given) if not isinstance(given, Stream) else CLOSED
    found = []
    for target in targets:
        for value in wholes:
            found += [got for who, got in taken_apart(target, value) if who == name]
    once = distinct(found)
    return once if 0 < len(once) <= MAX_VALUES else CLOSED


_GROWING: Final[Slot[dict[ast.For, bool]]] = Slot(dict)


def may_grow(resolver: Resolver, node: ast.For, scope: Scope) -> bool:
    """Tell whether the body of a loop mentions what it goes through, and so may change it."""
    if isinstance(node.iter, (ast.Tuple, ast.List, ast.Set, ast.Constant)):
        return False
    known = _GROWING.of(resolver.notes)
    if node not in known:
        known[node] = _may_grow(node, scope)
    return known[node]


def _may_grow(node: ast.For, scope: Scope) -> bool:
    names = {each.id for each in ast.walk(node.iter) if isinstance(each, ast.Name)}
    for name in list(names):
        found = scope.lookup(name)
        if found is None or all(binding.how == "import" for binding in found):
            names.discard(name)
    return bool(names) and any(
        isinstance(each, ast.Name) and each.id in names
        for statement in node.body
        for each in ast.walk(statement)
    )


def _outside(scope: Scope, node: ast.For | ast.comprehension) -> Region:
    """Where the source of a loop is read: that of a comprehension's first `for` outside of it."""
    generators = getattr(scope.node, "generators", None)
    if generators and generators[0] is node and scope.parent is not None:
        return scope.parent
    return scope


def comprehension(resolver: Resolver, node: ast.expr, region: Region, depth: int) -> Values:
    """The value of a comprehension over what is known."""
    assert isinstance(node, Comprehension)
    scope = resolver.class_regions.get(node)
    if scope is None:
        return UNKNOWN
    made: list[object] = []
    failed = _rows(resolver, node, scope, node.generators, made, depth)
    if failed is not None:
        return failed
    if isinstance(node, ast.DictComp):
        return (dict(made),)  # type: ignore[arg-type]
    if isinstance(node, ast.SetComp):
        return (set(made),)
    return (Stream(made) if isinstance(node, ast.GeneratorExp) else made,)


def _rows(
    resolver: Resolver,
    node: Any,
    scope: Scope,
    generators: list[ast.comprehension],
    made: list[object],
    depth: int,
) -> Unknown | None:
    """Add what the comprehension makes to `made`; a reason where it can't be told."""
    if not generators:
        parts: tuple[ast.expr, ...]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        row = []
        for part in parts:
            values = resolver.fold(part, scope, depth)
            if isinstance(values, Unknown) or len(values) != 1:
                return unknown_of(values)
            row.append(values[0])
        made.append(tuple(row) if len(row) == 2 else row[0])
        return None if len(made) <= MAX_ITEMS else UNKNOWN
    generator = generators[0]
    given = resolver.fold(generator.iter, _outside(scope, generator), depth)
    if isinstance(given, Unknown) or len(given) != 1 or generator.is_async:
        return unknown_of(given)
    items = items_of(given[0])
    ordered = isinstance(node, ast.SetComp) or resolver.root.recording
    if items is None or (is_orderless(given[0]) and not ordered):
        return UNKNOWN
    for item in items:
        with giving(resolver, generator, taken_apart(generator.target, item)):
            wanted = True
            for test in generator.ifs:
                values = resolver.fold(test, scope, depth)
                if isinstance(values, Unknown) or len({bool(v) for v in values}) != 1:
                    return unknown_of(values)
                wanted = wanted and bool(values[0])
            rest = generators[1:]
            failed = _rows(resolver, node, scope, rest, made, depth) if wanted else None
        if failed is not None:
            return failed
    return None


@contextmanager
def giving(
    resolver: Resolver, node: ast.AST, names: Iterable[tuple[str, object]]
) -> Iterator[None]:
    """Inside of it, the names that `node` binds hold these values."""
    with holding(resolver, {(node, name): (value,) for name, value in names}):
        yield


@contextmanager
def holding(resolver: Resolver, found: Mapping[tuple[ast.AST, str], Values]) -> Iterator[None]:
    """Inside of it, names that are bound at these nodes hold these values."""
    held = resolver.given
    before = {key: held[key] for key in found if key in held}
    held.update(found)
    try:
        yield
    finally:
        for key in found:
            del held[key]
        held.update(before)


def rows_of(
    resolver: Resolver, call: ast.Call, region: Region, depth: int
) -> list[tuple[tuple[Any, ...], dict[str, Any]]] | Unknown:
    """The arguments that a call may be given, all alternatives; splats included."""
    columns: list[list[tuple[str | None, Any]]] = []
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    for argument in arguments:
        inner = argument.value if isinstance(argument, (ast.keyword, ast.Starred)) else argument
        values = resolver.fold(inner, region, depth)
        if isinstance(values, Unknown):
            return unknown_of(values)
        kind = "*" if isinstance(argument, ast.Starred) else getattr(argument, "arg", "")
        if kind == "*" and any(is_orderless(value) for value in values):
            return UNKNOWN
        columns.append([(kind, value) for value in values])
    size = 1
    for column in columns:
        size *= len(column)
    if size > MAX_VALUES:
        return UNKNOWN
    found = []
    for row in product(*columns):
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for kind, value in row:
            if kind == "*":
                positional += value
            elif kind is None:
                named.update(value)
            elif kind:
                named[kind] = value
            else:
                positional.append(value)
        found.append((tuple(positional), named))
    return found


def builtin_call(
    resolver: Resolver, name: str, node: ast.Call, region: Region, depth: int
) -> Values:
    """The values of a call of one of `FOLDED_CALLS`."""
    rows = rows_of(resolver, node, region, depth)
    if isinstance(rows, Unknown):
        return rows
    found = []
    for positional, named in rows:
        if any(isinstance(v, range) and len(v) > MAX_ITEMS for v in positional):
            return UNKNOWN
        if name not in _ORDERLESS and any(is_orderless(value) for value in positional):
            if not (resolver.root.recording and name in ("tuple", "list")):
                return UNKNOWN
        if name == "str" and any(isinstance(value, Stream) for value in positional):
            return UNKNOWN
        if named and name not in ("dict", "sorted", "enumerate"):
            return UNKNOWN
        made: Any = getattr(builtins, name)(*positional, **named)
        if name in _STREAMS:
            made = Stream(_bounded(made))
        if not bounded(made):
            return UNKNOWN
        found.append(made)
    return distinct(found)


def _bounded(values: Iterable[object]) -> list[object]:
    found = []
    for value in values:
        found.append(value)
        if len(found) > MAX_ITEMS:
            raise ValueError
    return found


def record(resolver: Resolver, name: str, node: ast.Call, region: Region, depth: int) -> Values:
    """What `Queue("x")` declares; only its arguments that are known."""
    positional: list[Values] = []
    named: dict[str, Values] = {}
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            return UNKNOWN
        positional.append(resolver.folded(resolver, argument, region, depth))
    for keyword in node.keywords:
        if keyword.arg is None:
            given = resolver.folded(resolver, keyword.value, region, depth)
            if isinstance(given, Unknown) or len(given) != 1 or not isinstance(given[0], dict):
                return UNKNOWN
            named.update({str(key): (value,) for key, value in given[0].items()})
        else:
            named[keyword.arg] = resolver.folded(resolver, keyword.value, region, depth)
    return (Record(name, tuple(positional), named),)


def view(name: str, values: tuple[object, ...]) -> Values:
    """`.items()`, `.keys()` or `.values()` of dicts."""
    if not all(isinstance(value, dict) for value in values):
        return UNKNOWN
    return tuple(Stream(getattr(value, name)()) for value in values)


def sliced(
    resolver: Resolver, values: tuple[Any, ...], node: ast.Slice, region: Region, depth: int
) -> Values:
    """The values of `x[1:]`."""
    bounds = []
    for part in (node.lower, node.upper, node.step):
        given: Values = (None,) if part is None else resolver.fold(part, region, depth)
        if isinstance(given, Unknown) or len(given) != 1:
            return unknown_of(given)
        bounds.append(given[0])
    return distinct(value[slice(*bounds)] for value in values)


def as_node(value: object, at: ast.expr) -> ast.expr | None:
    """A value as the expression that it would be written as, where `at` stands; None for others."""
    if isinstance(value, (Record, Stream, Unknown)):
        return None
    made: ast.expr
    if isinstance(value, dict):
        keys = [as_node(key, at) for key in value]
        values = [as_node(each, at) for each in value.values()]
        if None in keys or None in values:
            return None
        made = ast.Dict(keys, values)  # type: ignore[arg-type]
    elif isinstance(value, (list, tuple)):
        parts = [as_node(each, at) for each in value]
        if None in parts:
            return None
        kind = ast.List if isinstance(value, list) else ast.Tuple
        made = kind(parts, ast.Load())  # type: ignore[arg-type]
    elif value is None or type(value) in (str, int, float, bool, bytes, complex):
        made = ast.Constant(value)  # type: ignore[arg-type]
    else:
        return None
    return ast.copy_location(made, at)
