"""Entries of a beat schedule."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import BeatEntry, Setting
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import Unknown


def find_beat(model: Model, setting: Setting) -> None:
    if setting.how == "[]":
        label = setting.item.value if isinstance(setting.item, ast.Constant) else ""
        found = beat_entry(
            model, setting.value, setting.region, setting.statement, str(label), setting.item
        )
    else:
        found = beat_entries(model, setting.value, setting.region, setting.statement)
    for entry in found:
        model.add(entry)


def beat_entries(
    model: Model, value: ast.expr, region: Region, statement: ast.stmt
) -> Iterator[BeatEntry]:
    """The entries of a beat schedule, as far as they are in sight."""
    found = model.resolver.expressions(value, region)
    if isinstance(found, Unknown):
        return
    for table, scope in found:
        if isinstance(table, ast.Dict):
            for key, item in zip(table.keys, table.values, strict=True):
                label = key.value if isinstance(key, ast.Constant) else ""
                if key is not None:
                    yield from beat_entry(model, item, scope, statement, str(label), key)
        elif _is_dict_call(table, scope):
            assert isinstance(table, ast.Call)
            for keyword in table.keywords:
                if keyword.arg is not None:
                    yield from beat_entry(model, keyword.value, scope, statement, keyword.arg)


def _is_dict_call(node: ast.expr, region: Region) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and region.is_builtin("dict")
        and not node.args
    )


def beat_entry(
    model: Model,
    value: ast.expr,
    region: Region,
    statement: ast.stmt,
    label: str,
    place: ast.AST | None = None,
) -> Iterator[BeatEntry]:
    """The entry that an expression is; several where it may be one of several."""
    found = model.resolver.expressions(value, region)
    if isinstance(found, Unknown):
        return
    for node, scope in found:
        fields: dict[str, tuple[ast.AST, ast.expr]] = {}
        complete = True
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    fields[key.value] = (key, item)
                else:
                    complete = False
        elif _is_dict_call(node, scope):
            assert isinstance(node, ast.Call)
            for keyword in node.keywords:
                if keyword.arg is None:
                    complete = False
                else:
                    fields[keyword.arg] = (keyword, keyword.value)
        else:
            continue
        yield BeatEntry(node, statement, scope, label, fields, complete, place)
