"""What stands behind names, entries and `**`: tables and their items."""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping

from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.classes import class_member
from flake8_celery.core.values.elsewhere import jump, starred_place
from flake8_celery.core.values.protocol import At, Resolver
from flake8_celery.core.values.sequences import as_node, sliced
from flake8_celery.core.values.unknown import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_VALUES,
    UNKNOWN,
    Environment,
    Unknown,
    Values,
    distinct,
    unknown_of,
)


def origin(resolver: Resolver, node: ast.expr, region: Region, fixed: bool = True) -> At | None:
    """The one expression behind names, class attributes and table entries.

    None where there are several, and with `fixed` where it is changed in place.
    """
    names: list[tuple[Resolver, str]] = []
    home = resolver
    for _ in range(MAX_DEPTH):
        if isinstance(node, ast.NamedExpr):
            node = node.value
            continue
        if isinstance(node, ast.Name):
            names.append((home, node.id))
            bindings = region.lookup(node.id)
            if not bindings and region.module.star:
                there = starred_place(home, node.id)
            elif not bindings or len(bindings) != 1:
                return None
            elif bindings[0].how in ("assign", "walrus") and bindings[0].value is not None:
                node, region = bindings[0].value, bindings[0].scope
                continue
            else:
                there = jump(home, bindings[0].target) if bindings[0].how == "import" else None
        elif isinstance(node, ast.Attribute):
            names.append((home, node.attr))
            found = class_member(home, node, region)
            if found is not None:
                there = found
            else:
                target = home.qualname(node, region)
                there = jump(home, target) if target is not None else None
        elif isinstance(node, ast.Subscript):
            there = _entry(resolver, home, node, region)
        else:
            break
        if there is None:
            return None
        node, region, home = there
    else:
        return None
    if fixed and isinstance(node, (ast.Dict, ast.List, ast.Set, ast.Call, ast.BinOp)):
        from flake8_celery.core.values.changes import changes

        for where, name in names:
            changed = changes(where).containers | changes(resolver.root).containers
            if name in changed:
                return None
    return At(node, region, home)


def _entry(resolver: Resolver, home: Resolver, node: ast.Subscript, region: Region) -> At | None:
    table = _reached(resolver, home, node.value, region)
    if table is None:
        return None
    keys = resolver.folded(home, node.slice, region, MAX_DEPTH // 2)
    if isinstance(keys, Unknown) or len(keys) != 1:
        return None
    return _item(resolver, table, keys[0])


def _item(resolver: Resolver, table: At, key: object) -> At | None:
    node = table.node
    if isinstance(node, (ast.Tuple, ast.List)):
        if any(isinstance(element, ast.Starred) for element in node.elts):
            return None
        if not isinstance(key, int) or not -len(node.elts) <= key < len(node.elts):
            return None
        return At(node.elts[key], table.region, table.home)
    entries = table_of(table.home, node, table.region, resolver)
    return entries.get(key) if entries is not None and key.__hash__ is not None else None


def _reached(resolver: Resolver, home: Resolver, node: ast.expr, region: Region) -> At | None:
    """`origin`, asked in the module `home` on behalf of `resolver`."""
    if home is resolver:
        return origin(home, node, region)
    before, home.outer = home.outer, resolver.root
    try:
        return origin(home, node, region)
    finally:
        home.outer = before


def table_of(
    home: Resolver,
    node: ast.expr,
    region: Region,
    resolver: Resolver | None = None,
    depth: int = 0,
) -> dict[object, At] | None:
    """All entries of a dict: displays, `dict(...)`, `a | b`, `**other`; None if one is unknown.

    One that is built step by step, by a comprehension or a function is worked out by value.
    """
    resolver = resolver or home
    found = _written(home, node, region, resolver, depth)
    if found is None and depth == 0:
        return _worked_out(home, node, region, resolver)
    return found


def _written(
    home: Resolver, node: ast.expr, region: Region, resolver: Resolver, depth: int
) -> dict[object, At] | None:
    if depth > 8:
        return None
    found: dict[object, At] = {}
    if isinstance(node, ast.Dict):
        if len(node.keys) > MAX_ITEMS:
            return None
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = table_of(home, value, region, resolver, depth + 1)
                if more is None:
                    return None
                found.update(more)
                continue
            keys = resolver.folded(home, key, region, MAX_DEPTH // 2)
            if isinstance(keys, Unknown) or len(keys) != 1 or isinstance(keys[0], (list, dict)):
                return None
            found[keys[0]] = At(value, region, home)
        return found
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr == "copy" and not node.args:
            return table_of(home, func.value, region, resolver, depth + 1)
        if not (isinstance(func, ast.Name) and func.id == "dict" and region.is_builtin("dict")):
            return None
        if len(node.args) > 1:
            return None
        sources = [*node.args, *(k.value for k in node.keywords if k.arg is None)]
        for source in sources:
            more = table_of(home, source, region, resolver, depth + 1)
            if more is None:
                return None
            found.update(more)
        for keyword in node.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = At(keyword.value, region, home)
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for side in (node.left, node.right):
            more = table_of(home, side, region, resolver, depth + 1)
            if more is None:
                return None
            found.update(more)
        return found
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        there = _reached(resolver, home, node, region)
        if there is None or isinstance(there.node, (ast.Name, ast.Attribute, ast.Subscript)):
            return None
        return table_of(there.home, there.node, there.region, resolver, depth + 1)
    return None


def options_of(
    resolver: Resolver, node: ast.expr, region: Region
) -> Mapping[str, tuple[ast.expr, Region]] | None:
    """What `**node` gives a call, by name; None where that can't be told."""
    home = region.module.owner or resolver
    resolver.root.steps = 0
    found = table_of(home, node, region, resolver)
    if found is None or not all(isinstance(key, str) for key in found):
        return None
    return {str(key): (at.node, at.region) for key, at in found.items()}


def subscript(resolver: Resolver, node: ast.Subscript, region: Region, depth: int) -> Values:
    """The values of `TABLE["key"]`, `PAIR[0]`, `os.environ["X"]`."""
    if resolver.qualname(node.value, region) == "os.environ":
        return Environment(UNKNOWN)
    if isinstance(node.slice, ast.Slice):
        values = resolver.fold(node.value, region, depth)
        if isinstance(values, Unknown):
            return unknown_of(values)
        return sliced(resolver, values, node.slice, region, depth)
    keys = resolver.fold(node.slice, region, depth)
    if isinstance(keys, Unknown):
        return unknown_of(keys)
    return look_up(resolver, node.value, region, keys, depth)


def look_up(
    resolver: Resolver,
    node: ast.expr,
    region: Region,
    keys: tuple[object, ...],
    depth: int,
    default: Values = UNKNOWN,
) -> Values:
    literal = (ast.Dict, ast.Tuple, ast.List, ast.Call)
    table = At(node, region, resolver) if isinstance(node, literal) else None
    table = table or origin(resolver, node, region)
    if table is None:
        return _index(resolver, At(node, region, resolver), keys, depth, default)
    found: list[object] = []
    for key in keys:
        item = _item(resolver, table, key)
        if item is None:
            if isinstance(table.node, (ast.Tuple, ast.List)):
                return UNKNOWN
            entries = table_of(table.home, table.node, table.region, resolver)
            if entries is None:
                return _index(resolver, table, keys, depth, default)
            values = default
        else:
            values = resolver.fold_in(item.home, item.node, item.region, depth)
        if isinstance(values, Unknown):
            return values
        found += values
    if table.home is not resolver:
        resolver.root.followed += 1
    once = distinct(found)
    return once if len(once) <= MAX_VALUES else UNKNOWN


def _index(
    resolver: Resolver, table: At, keys: tuple[object, ...], depth: int, default: Values
) -> Values:
    """The entries of what is not written out, but known by value."""
    values = resolver.fold_in(table.home, table.node, table.region, depth)
    if isinstance(values, Unknown):
        return unknown_of(values)
    found: list[object] = []
    for value in values:
        for key in keys:
            if isinstance(value, dict) and key not in value:
                if isinstance(default, Unknown):
                    return default
                found += default
            elif isinstance(value, (str, tuple, list, dict)):
                found.append(operator.getitem(value, key))  # type: ignore[misc]
            else:
                return UNKNOWN
    once = distinct(found)
    return once if 0 < len(once) <= MAX_VALUES else UNKNOWN


def _worked_out(
    home: Resolver, node: ast.expr, region: Region, resolver: Resolver
) -> dict[object, At] | None:
    """The entries of a dict that is not written out, but known by value."""
    values = resolver.folded(home, node, region, MAX_DEPTH // 2)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], dict):
        return None
    found = {}
    for key, value in values[0].items():
        written = as_node(value, node)
        if written is None:
            return None
        found[key] = At(written, region, home)
    return found
