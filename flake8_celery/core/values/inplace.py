"""A list, dict or set that one statement changes: `x.append(v)`, `x[k] = v`, `del x[k]`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.operators import OPERATORS
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import (
    MAX_VALUES,
    TOO_LARGE,
    UNKNOWN,
    Stream,
    Unknown,
    Values,
    bounded,
    distinct,
    unknown_of,
)

#: Class -> the methods that change it and are worked out.
_METHODS: Final[Mapping[type, frozenset[str]]] = {
    list: frozenset({"append", "extend", "insert", "remove", "clear", "reverse", "sort", "pop"}),
    dict: frozenset({"update", "setdefault", "pop", "clear"}),
    set: frozenset({"add", "discard", "update", "remove", "clear"}),
}
_NAMES: Final = frozenset(name for names in _METHODS.values() for name in names)


def _method_call(statement: ast.AST, name: ast.Name) -> ast.Call | None:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        if call.func.value is name and call.func.attr in _NAMES:
            return call
    return None


def _item(statement: ast.AST) -> ast.Subscript | None:
    """The entry that a statement sets, adds to or deletes."""
    target: ast.AST | None = None
    if isinstance(statement, (ast.Assign, ast.Delete)) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AugAssign):
        target = statement.target
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        part = target.slice
        if not isinstance(part, ast.Slice):
            return target
        whole = part.lower is None and part.upper is None and part.step is None
        return target if whole and isinstance(statement, ast.Assign) else None
    return None


def changes_in_place(statement: ast.AST, name: ast.Name) -> bool:
    """Tell whether a statement only changes a container, in a way that can be followed."""
    item = _item(statement)
    return _method_call(statement, name) is not None or (item is not None and item.value is name)


def copied(value: object) -> object:
    """A value that may be changed."""
    return value.copy() if isinstance(value, (list, dict, set)) else value


def changed(
    resolver: Resolver, statement: ast.AST, value: Any, region: Region, depth: int
) -> Values:
    """What `value`, a copy, is once the statement has run."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    parts: list[ast.expr] = []
    keywords: list[str] = []
    if isinstance(call, ast.Call):
        if any(keyword.arg is None for keyword in call.keywords):
            return UNKNOWN
        parts = [*call.args, *(keyword.value for keyword in call.keywords)]
        keywords = [str(keyword.arg) for keyword in call.keywords]
    else:
        item = _item(statement)
        if item is not None and not isinstance(item.slice, ast.Slice):
            parts.append(item.slice)
        if isinstance(statement, (ast.Assign, ast.AugAssign)):
            parts.append(statement.value)
    rows: list[list[Any]] = [[]]
    for part in parts:
        if isinstance(part, ast.Starred):
            return UNKNOWN
        values = resolver.fold(part, region, depth + 1)
        if isinstance(values, Unknown):
            return unknown_of(values)
        rows = [[*row, each] for row in rows for each in values]
        if len(rows) > MAX_VALUES:
            return UNKNOWN
    found = []
    for row in rows:
        made = _apply(statement, copied(value), row, keywords)
        if isinstance(made, Unknown) or not bounded(made):
            return UNKNOWN
        found.append(made)
    return distinct(found)


def _apply(statement: ast.AST, value: Any, row: list[Any], keywords: list[str]) -> Any:
    try:
        if isinstance(statement, ast.Expr):
            assert isinstance(statement.value, ast.Call)
            func = statement.value.func
            assert isinstance(func, ast.Attribute)
            if func.attr not in _METHODS.get(type(value), frozenset()):
                return UNKNOWN
            count = len(row) - len(keywords)
            named = dict(zip(keywords, row[count:], strict=True))
            if any(isinstance(v, set) and len(v) > 1 for v in row) and isinstance(value, list):
                return UNKNOWN  # in what order can't be told
            getattr(value, func.attr)(*row[:count], **named)
            return value
        if isinstance(statement, ast.Delete):
            del value[row[0]]
            return value
        if isinstance(statement, ast.AugAssign):
            apply = OPERATORS.get(type(statement.op))
            if apply is None:
                return UNKNOWN
            if len(row) == 2:
                value[row[0]] = apply(value[row[0]], row[1])
                return value
            if isinstance(value, list) and isinstance(statement.op, ast.Add):
                if isinstance(row[0], (set, frozenset)) and len(row[0]) > 1:
                    return UNKNOWN
                return [*value, *row[0]]
            return apply(value, row[0]) if not isinstance(row[0], Stream) else UNKNOWN
        if len(row) == 1:  # x[:] = y
            ordered = isinstance(row[0], (list, tuple, str, range))
            return list(row[0]) if isinstance(value, list) and ordered else UNKNOWN
        value[row[0]] = row[1]
        return value
    except TOO_LARGE:
        return UNKNOWN
