"""Classes of rows, managers and data: what derives from what, across the project."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.syntax.regions import Region, dotted
from flake8_celery.core.values.classes import class_of, mro
from flake8_celery.core.values.containers import origin
from flake8_celery.core.values.protocol import Class, Resolver
from flake8_celery.tables.orm import (
    MODEL_BASES,
    MODEL_HOLDERS,
    MODEL_MAKERS,
    MODEL_PACKAGES,
    VALUES_METHODS,
)

_DATACLASS: Final = frozenset({"dataclasses.dataclass", "pydantic.dataclasses.dataclass"})


def is_pydantic(resolver: Resolver, node: ast.expr, region: Region) -> bool:
    """Tell whether an expression names a class that certainly is a pydantic model."""
    cls = class_of(resolver, node, region)
    return cls is not None and "pydantic.BaseModel" in outside_bases(cls)


def is_model(resolver: Resolver, node: ast.expr, region: Region) -> bool:
    """Tell whether an expression names a class of database rows."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    cls = class_of(resolver, node, region)
    return derives_from_model(cls) if cls is not None else is_library_model(resolver, node, region)


def derives_from_model(cls: Class) -> bool:
    """Tell whether a class of the project is one of rows that no JSON carries."""
    order = mro(cls)
    if any(defines(each, "__json__") for each in order):
        return False
    return any(
        is_library_model(each.home, base, each.region)
        for each in order
        if each is not None
        for base in each.node.bases
    )


def is_library_model(home: Resolver, node: ast.expr, region: Region) -> bool:
    """Tell whether an expression names a model, or a base of models, of a library."""
    target = home.qualname(node, region) or ""
    if target in MODEL_BASES:
        return True
    parts = target.split(".")
    if ".".join(parts[:2]) == "django.db":
        return False  # fields, choices, managers
    if parts[0] in MODEL_PACKAGES and "models" in parts[1:-1]:
        last = parts[-1]
        return last[:1].isupper() and not last.endswith(("Manager", "QuerySet", "Field"))
    if isinstance(node, ast.Attribute) and node.attr == "Model":
        made, makers = origin(home, node.value, region, fixed=False), MODEL_HOLDERS
    elif isinstance(node, ast.Name):
        made, makers = origin(home, node, region, fixed=False), MODEL_MAKERS
    else:
        return False
    if made is None or not isinstance(made.node, ast.Call):
        return False
    return made.home.qualname(made.node.func, made.region) in makers


def outside_bases(cls: Class) -> Iterator[str]:
    """The dotted names of the bases that are classes of no module of the project."""
    for each in mro(cls):
        for base in each.node.bases if each is not None else ():
            node = base.value if isinstance(base, ast.Subscript) else base
            assert each is not None
            yield each.home.qualname(node, each.region) or ""


def is_complete(cls: Class) -> bool:
    return None not in mro(cls)


def defines(cls: Class | None, name: str) -> bool:
    return cls is not None and cls.inner is not None and name in cls.inner.bindings


def member(cls: Class, name: str) -> tuple[ast.expr, Resolver, Region] | None:
    """The value that a class or a base in sight gives an attribute."""
    for each in mro(cls):
        if each is not None and each.inner is not None:
            bindings = each.inner.bindings.get(name)
            if bindings:
                value = bindings[-1].value
                return (value, each.home, each.inner) if value is not None else None
    return None


def is_manager(given: tuple[ast.expr, Resolver, Region]) -> bool:
    func: ast.expr = given[0]
    while isinstance(func, ast.Call):
        func = func.func
    last = (dotted(func) or "").rpartition(".")[2]
    return last.endswith("Manager") or last in ("as_manager", "from_queryset")


def gives_values(cls: Class | None) -> bool:
    """Whether a manager's `get_queryset` may give plain values."""
    assert cls is not None
    return any(
        isinstance(node, ast.Attribute) and node.attr in VALUES_METHODS
        for node in ast.walk(cls.node)
    )


def is_dataclass(cls: Class) -> bool:
    """Whether it is a dataclass of which every base is in sight."""
    decorators = [
        each.home.qualname(part.func if isinstance(part, ast.Call) else part, each.region)
        for each in mro(cls)
        if each is not None
        for part in each.node.decorator_list
    ]
    return is_complete(cls) and not _DATACLASS.isdisjoint(decorators)
