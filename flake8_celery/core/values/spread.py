"""What `**` gives a call, as if it were written out: `t.apply_async((1,), **{"queue": "x"})`."""

from __future__ import annotations

import ast

from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.containers import table_of
from flake8_celery.core.values.protocol import At, Resolver
from flake8_celery.core.values.sequences import as_node
from flake8_celery.core.values.unknown import Unknown


def spread(resolver: Resolver, call: ast.Call | None, region: Region) -> Arguments:
    """The arguments of a call, its `**` splats read where all that they hold can be told."""
    arguments = Arguments(call)
    if call is None or not arguments.splat_keywords:
        return arguments
    resolver.root.steps = 0
    found: dict[str, ast.keyword] = {}
    for keyword in call.keywords:
        if keyword.arg is not None:
            continue
        table = table_of(resolver, keyword.value, region)
        if table is None:
            return arguments
        for name, at in table.items():
            if not isinstance(name, str):
                return arguments
            value = _within(resolver, at, region, keyword.value)
            if value is None:
                return arguments
            found[name] = _keyword(name, value, keyword.value)
    arguments.spread(found)
    return arguments


def _within(resolver: Resolver, at: At, region: Region, splat: ast.expr) -> ast.expr | None:
    """An entry as an expression that means the same in `region`."""
    if at.home is resolver and (at.region.scope is region.scope or at.region.parent is None):
        if _is_same(at, region):
            return at.node
    values = resolver.folded(at.home, at.node, at.region, 0)
    if isinstance(values, Unknown) or len(values) != 1:
        return None
    return as_node(values[0], splat)


def _is_same(at: At, region: Region) -> bool:
    """Tell whether every name in an entry means in `region` what it means where it stands."""
    if at.region.scope is region.scope:
        return True
    return all(
        region.lookup(node.id) is at.region.lookup(node.id)
        for node in ast.walk(at.node)
        if isinstance(node, ast.Name)
    )


def _keyword(name: str, value: ast.expr, splat: ast.expr) -> ast.keyword:
    """An entry as a keyword that stands at its key where it is written there, else at the splat."""
    made = ast.copy_location(ast.keyword(name, value), splat)
    for key in splat.keys if isinstance(splat, ast.Dict) else ():
        if isinstance(key, ast.Constant) and key.value == name:
            ast.copy_location(made, key)
            made.col_offset += 1  # behind the quote
    return made
