"""Django's queries and writes as they stand in source: by `.objects`, and by what follows."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.regions import Region

MANAGERS: Final = frozenset({"objects", "_default_manager", "_base_manager"})
#: Methods that give something else than the rows of a query.
_NO_ROWS: Final = frozenset(
    [
        *("get", "first", "last", "latest", "earliest", "count", "exists", "aggregate", "in_bulk"),
        *("create", "get_or_create", "update_or_create", "bulk_create", "update", "delete"),
        *("bulk_update", "none", "explain", "contains"),
    ]
)
_INSTANCES: Final = frozenset({"get", "first", "last", "latest", "earliest", "create"})
_GETTERS: Final = frozenset({"django.shortcuts.get_object_or_404"})
WRITES: Final = frozenset(
    each
    for name in ("save", "create", "delete", "get_or_create", "update_or_create")
    for each in (name, f"a{name}", f"bulk_{name}", f"abulk_{name}")
) | {"bulk_update", "abulk_update", "update", "aupdate"}
#: Words of which one stands in every module that writes.
WRITE_WORDS: Final = ("save(", "create(", "delete(", "update(")
_OF_QUERIES: Final = WRITES - {"save", "asave", "delete", "adelete"}


def query_of(node: ast.expr, region: Region, model: Model) -> str | None:
    """The model of a query whose rows an expression is, all of them; None for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if node.func.id in ("list", "set", "sorted", "tuple", "enumerate"):
            return query_of(node.args[0], region, model)
    if isinstance(node, ast.Name):
        found = region.lookup(node.id)
        if not found or len(found) != 1 or found[0].how != "assign" or found[0].value is None:
            return None
        if isinstance(found[0].value, ast.Name):
            return None
        return query_of(found[0].value, found[0].scope, model)
    name = ""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Attribute) or node.func.attr in _NO_ROWS:
                return None
            node = node.func
        if node.attr in MANAGERS:
            name = getattr(node.value, "attr", "") or getattr(node.value, "id", "")
            return name or None
        node = node.value
    return None


def manager_of(node: ast.expr) -> bool:
    """Tell whether an expression is a chain that starts at a model's manager."""
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def is_instance(node: ast.expr, region: Region, model: Model) -> bool:
    """Tell whether a name is surely one row: got, created, or looped over a query."""
    found = region.lookup(node.id) if isinstance(node, ast.Name) else None
    if not found:
        return False
    for binding in found:
        value = binding.value
        if binding.how == "loop" and isinstance(binding.node, (ast.For, ast.AsyncFor)):
            if query_of(binding.node.iter, binding.scope, model) is None:
                return False
        elif binding.how != "assign" or not isinstance(value, ast.Call):
            return False
        elif isinstance(value.func, ast.Attribute) and manager_of(value.func.value):
            if value.func.attr not in _INSTANCES:
                return False
        elif model.resolver.qualname(value.func, binding.scope) not in _GETTERS:
            return False
    return True


def is_created(node: ast.expr, region: Region) -> bool:
    """Tell whether a name may be a row that was just created here."""
    found = region.lookup(node.id) if isinstance(node, ast.Name) else None
    return any(
        isinstance(binding.value, ast.Call)
        and isinstance(binding.value.func, ast.Attribute)
        and binding.value.func.attr == "create"
        for binding in found or ()
    )


def is_cleanup(call: ast.Call) -> bool:
    """Tell whether a call deletes what a query finds: a second run does the rest."""
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr in ("delete", "adelete")
        and manager_of(func.value)
    )


def is_write(call: ast.Call, region: Region, model: Model) -> bool:
    """Tell whether a call surely writes rows: by a manager, or on an instance in sight."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in WRITES:
        return False
    if manager_of(func.value):
        return True
    return func.attr not in _OF_QUERIES and is_instance(func.value, region, model)
