"""What a call of a function of the project gives, where its body only works out a value."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.syntax.flow import always_exits, walk
from flake8_celery.core.syntax.regions import Region, parameters_of
from flake8_celery.core.values.elsewhere import jump
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.sequences import holding, items_of
from flake8_celery.core.values.unknown import (
    MAX_DEPTH,
    MAX_VALUES,
    UNKNOWN,
    Stream,
    Unknown,
    Values,
    distinct,
    unknown_of,
)

MAX_BODY: Final = 40
#: Decorators that leave what a function returns as it is.
_TRANSPARENT: Final = frozenset({"functools.cache", "functools.lru_cache", "staticmethod"})


def function_of(
    home: Resolver, node: ast.expr, region: Region
) -> tuple[ast.FunctionDef | ast.Lambda, Region, Resolver] | None:
    """The one function that an expression names, in whatever module of the project it stands."""
    for _ in range(MAX_DEPTH):
        if isinstance(node, ast.Lambda):
            return node, region, home
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        found = home.definition(node, region)
        if found is not None:
            if isinstance(found[0], ast.FunctionDef) and _is_plain(home, found[0], region):
                return found[0], found[1], home
            return None
        target = home.qualname(node, region)
        there = jump(home, target) if target is not None else None
        if there is not None:
            node, region, home = there
            continue
        only = home.expression(node, region)
        if only is None:
            return None
        if not isinstance(only[0], ast.Lambda):
            return None
        node, region = only
    return None


def _is_plain(home: Resolver, function: ast.FunctionDef, region: Region) -> bool:
    for decorator in function.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = home.qualname(node, region)
        if name is None and isinstance(node, ast.Name) and region.is_builtin(node.id):
            name = node.id
        if name not in _TRANSPARENT:
            return False
    return True


def returned_by(resolver: Resolver, call: ast.Call, region: Region, depth: int) -> Values:
    """The values of a call of one of the project's own functions."""
    found = function_of(resolver, call.func, region)
    if found is None:
        return UNKNOWN
    function, around, home = found
    scope = home.class_regions.get(function)
    if scope is None or (function, "called") in resolver.root.flows or depth > MAX_DEPTH // 2:
        return UNKNOWN
    if around.kind == "class" and not isinstance(function, ast.Lambda):
        if not function.decorator_list:
            return UNKNOWN  # a method
    wanted = _results(function)
    given = _given(resolver, call, region, function, around, home, depth)
    if wanted is None or given is None:
        return UNKNOWN
    parameters = {each.arg: each for each in parameters_of(function.args)}
    held: dict[tuple[ast.AST, str], Values] = {
        (parameters[name], name): values for name, values in given.items()
    }
    resolver.root.flows.add((function, "called"))
    values: list[object] = []
    try:
        with holding(home, held):
            for node in wanted:
                more: Values = (
                    (None,) if node is None else resolver.fold_in(home, node, scope, depth + 1)
                )
                if isinstance(more, Unknown):
                    return unknown_of(more)
                values += more
    finally:
        resolver.root.flows.discard((function, "called"))
    if home is not resolver:
        resolver.root.followed += 1
    once = distinct(values)
    if any(isinstance(value, Stream) for value in once):
        return UNKNOWN
    return once if 0 < len(once) <= MAX_VALUES else UNKNOWN


def _results(function: ast.FunctionDef | ast.Lambda) -> list[ast.expr | None] | None:
    """What a function returns, None among it for nothing; None for one that is beyond us."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    found: list[ast.expr | None] = []
    for number, node in enumerate(walk(function.body)):
        if number > MAX_BODY * 20 or isinstance(node, (ast.Yield, ast.YieldFrom)):
            return None
        if isinstance(node, ast.Return):
            found.append(node.value)
    if not always_exits(function.body):
        found.append(None)
    return found if len(found) <= MAX_VALUES else None


def _given(
    resolver: Resolver,
    call: ast.Call,
    region: Region,
    function: ast.FunctionDef | ast.Lambda,
    around: Region,
    home: Resolver,
    depth: int,
) -> dict[str, Values] | None:
    """What each parameter is given; None where the call doesn't fit, or that can't be told."""
    declared = function.args
    named = [parameter.arg for parameter in (*declared.posonlyargs, *declared.args)]
    found: dict[str, Values] = {}
    for number, default in enumerate(reversed(declared.defaults)):
        found[named[-1 - number]] = resolver.folded(home, default, around, depth)
    for parameter, value in zip(declared.kwonlyargs, declared.kw_defaults, strict=True):
        if value is not None:
            found[parameter.arg] = resolver.folded(home, value, around, depth)
    arguments: list[Values] = []
    for argument in call.args:
        if not isinstance(argument, ast.Starred):
            arguments.append(resolver.folded(resolver, argument, region, depth))
            continue
        values = resolver.folded(resolver, argument.value, region, depth)
        if isinstance(values, Unknown) or len(values) != 1:
            return None
        arguments += [(item,) for item in items_of(values[0]) or ()]
    if len(arguments) > len(named) and declared.vararg is None:
        return None
    found.update(zip(named, arguments, strict=False))
    keywords = {*named, *(parameter.arg for parameter in declared.kwonlyargs)}
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg in keywords:
            found[keyword.arg] = resolver.folded(resolver, keyword.value, region, depth)
        elif declared.kwarg is None:
            return None
    if keywords - found.keys():
        return None
    for rest in (declared.vararg, declared.kwarg):
        if rest is not None:
            found[rest.arg] = UNKNOWN
    return found
