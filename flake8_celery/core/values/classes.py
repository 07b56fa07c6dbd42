"""Classes across the project: their order, their attributes, Enums."""

from __future__ import annotations

import ast
import builtins
from typing import Final

from flake8_celery.core.syntax.arguments import argument_of
from flake8_celery.core.syntax.regions import Region, dotted
from flake8_celery.core.values.elsewhere import jump
from flake8_celery.core.values.protocol import At, Class, Resolver
from flake8_celery.core.values.unknown import CLOSED, MAX_VALUES, UNKNOWN, Unknown, Values, distinct
from flake8_celery.tables.exceptions import is_exception_class

MAX_BASES: Final = 30


def class_member(home: Resolver, node: ast.Attribute, region: Region) -> At | None:
    owner = class_of(home, node.value, region)
    if owner is None or enum_kind(mro(owner)) is not None:
        return None
    found = member_of(mro(owner), node.attr)
    if found is None or len(found) != 1:
        return None
    return found[0]


def class_of(home: Resolver, node: ast.expr, region: Region) -> Class | None:
    """The class that an expression names, in whatever module of the project it stands."""
    for _ in range(MAX_BASES):
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        found = home.definition(node, region)
        if found is not None:
            if isinstance(found[0], ast.ClassDef):
                return Class(found[0], found[1], home)
            return None
        target = home.qualname(node, region)
        there = jump(home, target) if target is not None else None
        if there is None:
            return None
        node, region, home = there
    return None


#: Bases that bring no attribute of their own that anybody would ask for.
_BARE: Final = frozenset(
    {
        *("object", "ABC", "Generic", "Protocol", "NamedTuple", "Task", "BaseModel", "TypedDict"),
        *("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices"),
        *("str", "int", "float", "Exception"),
    }
)


def base_name(home: Resolver, base: ast.expr, region: Region) -> str:
    node = base.value if isinstance(base, ast.Subscript) else base
    return home.qualname(node, region) or dotted(node) or ""


def mro(cls: Class, depth: int = 0) -> list[Class | None]:
    """Its method resolution order by C3; None stands for a base that can't be read."""
    if depth > MAX_BASES:
        return [cls, None]
    orders: list[list[Class | None]] = []
    direct: list[Class | None] = []
    for base in cls.node.bases:
        owner = class_of(cls.home, base, cls.region)
        if owner is None:
            if base_name(cls.home, base, cls.region).rpartition(".")[2] not in _BARE:
                orders.append([None])
                direct.append(None)
            continue
        if owner.node is cls.node:
            return [cls, None]
        orders.append(mro(owner, depth + 1))
        direct.append(owner)
    found: list[Class | None] = [cls]
    pending = [order for order in (*orders, direct) if order]
    while pending:
        for order in pending:
            head = order[0]
            if not any(_among(head, other[1:]) for other in pending):
                break
        else:
            return [*found, None]
        found.append(head)
        if head is None or len(found) > MAX_BASES:
            # what comes after an unknown base is as unknown
            return [*found, None] if head is not None else found
        pending = [order[1:] if _same(order[0], head) else order for order in pending]
        pending = [order for order in pending if order]
    return found


def _same(one: Class | None, other: Class | None) -> bool:
    return one is not None and other is not None and one.node is other.node


def _among(cls: Class | None, order: list[Class | None]) -> bool:
    return any(_same(cls, other) for other in order)


def is_raised(cls: Class) -> bool:
    """Tell whether a class, in whatever module, certainly is an exception class."""
    for each in mro(cls):
        if each is None:
            return False
        for base in each.node.bases:
            if isinstance(base, ast.Name) and each.region.is_builtin(base.id):
                value = getattr(builtins, base.id)
                if isinstance(value, type) and issubclass(value, BaseException):
                    return True
            if is_exception_class(each.home.qualname(base, each.region) or ""):
                return True
    return False


def member_of(order: list[Class | None], name: str) -> list[At] | None:
    """The expressions that may give a class attribute; None where they can't be told."""
    for cls in order:
        if cls is None:
            return None
        inner = cls.inner
        bindings = inner.bindings.get(name) if inner is not None else None
        if not bindings:
            continue
        found = []
        for binding in bindings:
            if binding.how != "assign" or binding.value is None:
                return None
            found.append(At(binding.value, binding.scope, cls.home))
        return found
    return None


def enum_kind(order: list[Class | None]) -> str | None:
    """What sort of Enum a class of these ancestors is, see `enum_kind_of`."""
    from flake8_celery.core.values.enums import enum_kind_of

    present = [cls for cls in order if cls is not None]
    return enum_kind_of(base_name(c.home, b, c.region) for c in present for b in c.node.bases)


def union(resolver: Resolver, found: list[At], name: str, depth: int) -> Values:
    values: list[object] = []
    for node, region, home in found:
        more = resolver.fold_in(home, node, region, depth)
        if isinstance(more, Unknown):
            return more
        if any(isinstance(value, (list, dict, set)) for value in more):
            from flake8_celery.core.values.changes import stays

            if not (stays(home, name) and stays(resolver, name)):
                return CLOSED
        values += more
    once = distinct(values)
    return once if 0 < len(once) <= MAX_VALUES else UNKNOWN


#: Classes of kombu by the position of the `name` that they are made with.
_NAMED: Final = {"kombu.Queue", "kombu.entity.Queue", "kombu.Exchange", "kombu.entity.Exchange"}
_DATA_CLASSES: Final = frozenset(
    f"{module}.{name}"
    for module, names in {
        "dataclasses": ("dataclass",),
        "attr": ("s", "attrs", "dataclass", "define", "frozen", "mutable", "attributes"),
        "attrs": ("define", "frozen", "mutable"),
        "pydantic.dataclasses": ("dataclass",),
    }.items()
    for name in names
)
_FIELDS: Final = frozenset({"field", "ib", "Field", "attrib", "Factory"})
_INITIALISERS: Final = ("__init__", "__new__", "__post_init__", "__attrs_post_init__")


def of_instance(resolver: Resolver, at: At, name: str, depth: int) -> Values:
    """The values of an attribute of what a call makes: `Queue("x").name`, `Config().queue`."""
    call, region, home = at
    assert isinstance(call, ast.Call)
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        return UNKNOWN
    from flake8_celery.core.values.changes import is_set

    if name == "name" and home.qualname(call.func, region) in _NAMED:
        given = argument_of(call, 0, "name")
        if given is None or is_set(name, home, resolver):
            return UNKNOWN
        return resolver.fold_in(home, given, region, depth)
    owner = class_of(home, call.func, region)
    if owner is None:
        return UNKNOWN
    order = mro(owner)
    if None in order or enum_kind(order) is not None:
        return UNKNOWN
    for cls in order:
        if cls is None or cls.inner is None or _sets(cls.node, name):
            return UNKNOWN
        if any(init in cls.inner.bindings for init in (*_INITIALISERS, "__getattribute__")):
            return UNKNOWN
    fields = _fields(order)
    if fields is None or is_set(name, home, resolver, owner.home):
        return UNKNOWN
    if owner.home is not resolver:
        resolver.root.followed += 1
    if name not in fields:
        found = member_of(order, name)
        return union(resolver, found, name, depth) if found is not None else UNKNOWN
    given = argument_of(call, list(fields).index(name), name)
    if given is not None:
        return resolver.fold_in(home, given, region, depth)
    default = fields[name]
    if default is None:
        return UNKNOWN
    return resolver.fold_in(default.home, default.node, default.region, depth)


def _sets(cls: ast.ClassDef, name: str) -> bool:
    """Tell whether a method of the class sets `self.name`."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(cls)
    )


def _fields(order: list[Class | None]) -> dict[str, At | None] | None:
    """The fields of a data class with their defaults, in order; None if one is beyond us.

    A class that is none has no fields.
    """
    found: dict[str, At | None] = {}
    for cls in reversed(order):
        if cls is None or cls.inner is None:
            return None
        if not _is_data_class(cls):
            if cls.node.decorator_list:
                return None
            continue
        for statement in cls.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if "ClassVar" in ast.unparse(statement.annotation):
                    continue
                target, value = statement.target.id, statement.value
            elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                # attrs' old way: x = attr.ib(default=1)
                first = statement.targets[0]
                if not isinstance(first, ast.Name) or not _is_field(statement.value):
                    continue
                target, value = first.id, statement.value
            else:
                continue
            found[target] = None
            if value is None:
                continue
            if isinstance(value, ast.Call) and _is_field(value):
                if any(k.arg in ("init", "kw_only", "converter", "alias") for k in value.keywords):
                    return None
                default = argument_of(value, 0 if value.args else 99, "default")
                if default is not None:
                    found[target] = At(default, cls.inner, cls.home)
            else:
                found[target] = At(value, cls.inner, cls.home)
    return found


def _is_field(call: ast.Call) -> bool:
    func = call.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in _FIELDS


def _is_data_class(cls: Class) -> bool:
    for base in cls.node.bases:
        name = base_name(cls.home, base, cls.region)
        if name in ("typing.NamedTuple", "typing_extensions.NamedTuple", "pydantic.BaseModel"):
            return True
    for decorator in cls.node.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        if cls.home.qualname(node, cls.region) in _DATA_CLASSES:
            return True
    return False
