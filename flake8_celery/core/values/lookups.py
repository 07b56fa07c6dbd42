"""Attributes, entries, calls: the environment, `.get`, methods of text."""

from __future__ import annotations

import ast
import re
from typing import Final

from flake8_celery.core.syntax.arguments import argument_of
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.classes import (
    base_name,
    class_of,
    enum_kind,
    member_of,
    mro,
    of_instance,
    union,
)
from flake8_celery.core.values.containers import look_up, origin
from flake8_celery.core.values.elsewhere import imported
from flake8_celery.core.values.names import is_of_given
from flake8_celery.core.values.protocol import At, Class, Resolver
from flake8_celery.core.values.sequences import is_orderless, view
from flake8_celery.core.values.unknown import (
    CLOSED,
    MAX_TEXT,
    MAX_VALUES,
    UNKNOWN,
    Environment,
    Member,
    Unknown,
    Values,
    bounded,
    distinct,
    unknown_of,
)


def _enum_value(resolver: Resolver, order: list[Class | None], name: str, depth: int) -> Values:
    cls = order[0]
    if cls is None or cls.inner is None or "__new__" in cls.inner.bindings:
        return UNKNOWN
    if "_generate_next_value_" in cls.inner.bindings or "value" in cls.inner.bindings:
        return UNKNOWN
    found = member_of(order[:1], name)
    if found is None or len(found) != 1:
        return UNKNOWN if name in cls.inner.bindings else CLOSED
    node, region, home = found[0]
    bases = {base_name(cls.home, base, cls.region).rpartition(".")[2] for base in cls.node.bases}
    if isinstance(node, ast.Call):
        if home.qualname(node.func, region) == "enum.auto" and "StrEnum" in bases:
            return (name.lower(),)
        return resolver.fold_in(home, node, region, depth)
    if bases & {"TextChoices", "IntegerChoices"} and isinstance(node, ast.Tuple):
        node = node.elts[0]
    return resolver.fold_in(home, node, region, depth)


def attribute(resolver: Resolver, node: ast.Attribute, region: Region, depth: int) -> Values:
    """The values of `x.name`: of a class, an Enum's member, an instance, a module, the settings."""
    if is_of_given(node, region):
        return UNKNOWN
    holder, name = node.value, node.attr
    if name in ("value", "name") and isinstance(holder, ast.Attribute):
        owner = class_of(resolver, holder.value, region)
        order = mro(owner) if owner is not None else []
        if owner is not None and enum_kind(order) is not None:
            values = _enum_value(resolver, order, holder.attr, depth)
            if name == "value" or isinstance(values, Unknown):
                return values
            return (holder.attr,)
    owner = class_of(resolver, holder, region)
    if owner is not None:
        return _of_class(resolver, owner, name, depth)
    call = origin(resolver, holder, region, fixed=False)
    if call is not None and isinstance(call.node, ast.Call):
        values = of_instance(resolver, call, name, depth)
        if not isinstance(values, Unknown):
            return values
    target = resolver.qualname(node, region)
    if target is None:
        return UNKNOWN
    if target.startswith("os.environ"):
        return Environment(UNKNOWN)
    return imported(resolver, target, depth)


def _of_class(resolver: Resolver, owner: Class, name: str, depth: int) -> Values:
    order = mro(owner)
    kind = enum_kind(order)
    if kind is not None:
        values = _enum_value(resolver, order, name, depth) if kind != "plain" else CLOSED
        if isinstance(values, Unknown) or not all(isinstance(v, (str, int)) for v in values):
            return values if isinstance(values, Unknown) else UNKNOWN
        return tuple(Member(v) if isinstance(v, str) and kind == "mixed" else v for v in values)
    found = member_of(order, name)
    if found is None:
        return UNKNOWN
    from flake8_celery.core.values.changes import is_set

    if is_set(name, owner.home, resolver):
        return CLOSED
    if owner.home is not resolver:
        resolver.root.followed += 1
    return union(resolver, found, name, depth)


_ENVIRONMENT: Final = frozenset(
    {
        *("os.environ.get", "os.getenv", "environ.get", "os.environ.pop", "os.environ.setdefault"),
        *("decouple.config", "prettyconf.config", "environs.env", "envparse.env"),
    }
)
_ENVIRONMENT_CLASSES: Final = frozenset(
    {
        *("environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv"),
        *("decouple.Config", "decouple.AutoConfig", "starlette.config.Config", "envparse.Env"),
    }
)
_TEXT_METHODS: Final = frozenset(
    {
        *("upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold"),
        *("removeprefix", "removesuffix", "replace", "join", "format", "swapcase"),
        *("startswith", "endswith", "split", "rsplit", "partition", "rpartition", "isdigit"),
    }
)


def call(resolver: Resolver, node: ast.Call, region: Region, depth: int) -> Values:
    """The values of a call: the environment, `.get` of a table, methods of text, `getattr`."""
    func = node.func
    if _reads_environment(resolver, func, region):
        default = argument_of(node, 1, "default")
        return Environment(
            resolver.fold(default, region, depth) if default is not None else UNKNOWN
        )
    if isinstance(func, ast.Name):
        if func.id == "getattr" and region.is_builtin("getattr") and len(node.args) in (2, 3):
            return _getattr(resolver, node, region, depth)
        return UNKNOWN
    if not isinstance(func, ast.Attribute):
        return UNKNOWN
    if func.attr == "get" and 1 <= len(node.args) <= 2 and not node.keywords:
        keys = resolver.fold(node.args[0], region, depth)
        if isinstance(keys, Unknown):
            return unknown_of(keys)
        default_values: Values = (None,)
        if len(node.args) == 2:
            default_values = resolver.fold(node.args[1], region, depth)
        return look_up(resolver, func.value, region, keys, depth, default_values)
    if func.attr in ("items", "keys", "values") and not node.args and not node.keywords:
        values = resolver.fold(func.value, region, depth)
        return unknown_of(values) if isinstance(values, Unknown) else view(func.attr, values)
    if func.attr == "copy" and not node.args:
        values = resolver.fold(func.value, region, depth)
        if isinstance(values, Unknown) or not all(isinstance(v, (list, dict, set)) for v in values):
            return unknown_of(values) if isinstance(values, Unknown) else UNKNOWN
        return values
    if func.attr in _TEXT_METHODS:
        return _text_method(resolver, node, func, region, depth)
    return UNKNOWN


def _reads_environment(resolver: Resolver, func: ast.expr, region: Region) -> bool:
    name = resolver.qualname(func, region)
    if name in _ENVIRONMENT:
        return True
    if name is not None and name.startswith(("environs.env.", "envparse.env.")):
        return True
    for node in (func, func.value if isinstance(func, ast.Attribute) else func):
        if isinstance(node, ast.Call):
            made: At | None = At(node, region, resolver)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            made = origin(resolver, node, region, fixed=False)
        else:
            made = None
        if made is not None and isinstance(made.node, ast.Call):
            if made.home.qualname(made.node.func, made.region) in _ENVIRONMENT_CLASSES:
                return True
    return False


def _getattr(resolver: Resolver, node: ast.Call, region: Region, depth: int) -> Values:
    names = resolver.fold(node.args[1], region, depth)
    if isinstance(names, Unknown) or len(names) != 1 or not isinstance(names[0], str):
        return UNKNOWN
    if not names[0].isidentifier():
        return UNKNOWN
    wanted = ast.Attribute(node.args[0], names[0], ast.Load(), lineno=0, col_offset=0)
    values = attribute(resolver, wanted, region, depth)
    if isinstance(values, Unknown) and len(node.args) == 3:
        return Environment(UNKNOWN) if isinstance(values, Environment) else UNKNOWN
    return values


def _text_method(
    resolver: Resolver, node: ast.Call, func: ast.Attribute, region: Region, depth: int
) -> Values:
    rows: list[tuple[object, ...]] = [()]
    keywords = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
    if len(keywords) < len(node.keywords) or (keywords and func.attr != "format"):
        return UNKNOWN
    for part in (func.value, *node.args, *(keyword.value for keyword in node.keywords)):
        if isinstance(part, ast.Starred):
            return UNKNOWN
        values = resolver.fold(part, region, depth)
        if isinstance(values, Unknown):
            return unknown_of(values)
        if any(is_orderless(value) for value in values):
            return UNKNOWN
        rows = [(*row, value) for row in rows for value in values]
        if len(rows) > MAX_VALUES:
            return UNKNOWN
    found = []
    for text, *arguments in rows:
        if type(text) is not str or len(text) > MAX_TEXT:
            return UNKNOWN
        count = len(arguments) - len(keywords)
        named = dict(zip(keywords, arguments[count:], strict=True))
        if func.attr == "format":
            if not _plain_format(text):
                return CLOSED
            for value in arguments:
                # what formats itself in its own way says so by raising
                format(value)
        result: object = getattr(text, func.attr)(*arguments[:count], **named)
        if not bounded(result):
            return UNKNOWN
        found.append(result)
    once = distinct(found)
    return once if len(once) <= MAX_VALUES else UNKNOWN


_PLAIN_FIELD: Final = r"\{\w*\}|\{\{|\}\}|[^{}]"


def _plain_format(text: str) -> bool:
    """Tell whether a format string only puts values in, with no width and no attribute."""
    return not re.sub(_PLAIN_FIELD, "", text)
