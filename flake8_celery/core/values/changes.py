"""What a module changes in place, or hands out so that others may."""

from __future__ import annotations

import ast
from typing import Any, Final

from flake8_celery.core.syntax.flow import INNER
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

_READERS: Final = frozenset(
    {
        *("all", "any", "bool", "dict", "enumerate", "filter", "frozenset", "getattr", "hasattr"),
        *("isinstance", "iter", "len", "list", "map", "max", "min", "print", "repr", "reversed"),
        *("set", "sorted", "str", "sum", "tuple", "type", "zip"),
    }
)


class Changes(NamedTuple):
    """Names that a module changes or hands out, by their last part."""

    containers: frozenset[str]
    """A list or table so called may hold more than its display says."""
    attributes: frozenset[str]
    """`x.name = ...` stands somewhere, `self.name = ...` left out."""


_CHANGES: Final[Slot[Changes]] = Slot(lambda: Changes(frozenset(), frozenset()))


def changes(resolver: Resolver) -> Changes:
    """What one module changes in place; found on the first question."""
    found = _CHANGES.get(resolver.notes)
    if found is None:
        tree = resolver.tree
        none = Changes(frozenset(), frozenset())
        found = _CHANGES.put(resolver.notes, _changes(tree) if tree is not None else none)
    return found


def _changes(tree: ast.Module) -> Changes:
    containers: set[str] = set()
    attributes: set[str] = set()
    stack: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    pop, push = stack.pop, stack.append
    while stack:
        node, above = pop()
        for field in INNER[type(node)]:
            value: Any = getattr(node, field, None)
            for child in value if type(value) is list else (value,):
                cls = type(child)
                if cls is ast.Name:
                    if child.id not in containers and not only_read(child, node, above):
                        containers.add(child.id)
                elif cls is ast.Attribute:
                    if type(child.ctx) is not ast.Load:
                        base = child.value
                        if not (isinstance(base, ast.Name) and base.id == "self"):
                            attributes.add(child.attr)
                    if child.attr not in containers and not only_read(child, node, above):
                        containers.add(child.attr)
                    push((child, node))
                elif cls not in _NO_CHILDREN:
                    push((child, node))
    return Changes(frozenset(containers), frozenset(attributes))


#: What stands in a tree and holds no expression.
_NO_CHILDREN: Final = frozenset(
    {
        *(type(None), str, int, bool, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias),
        *(ast.arg, ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue),
    }
)


def only_read(node: ast.Name | ast.Attribute, parent: ast.AST, above: ast.AST) -> bool:
    """Tell whether a list or table of this name stays as it is, as far as this place goes."""
    if isinstance(node.ctx, ast.Del) or isinstance(parent, ast.AugAssign):
        return False
    if isinstance(node.ctx, ast.Store):
        return True
    if isinstance(parent, ast.Attribute):
        is_call = isinstance(above, ast.Call) and above.func is parent
        return not is_call or parent.attr not in _MUTATORS
    if isinstance(parent, ast.Subscript):
        return parent.value is not node or isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call):
        func = parent.func
        return func is node or (isinstance(func, ast.Name) and func.id in _READERS)
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Dict):
        return node not in parent.values or parent.keys[parent.values.index(node)] is None
    if isinstance(parent, ast.BoolOp):
        # `x = T or {}` hands it out, `if T or U` does not
        return isinstance(above, (ast.If, ast.While, ast.Assert, ast.UnaryOp))
    if isinstance(parent, ast.IfExp):
        return parent.test is node
    return not isinstance(parent, _HANDING_ON)


#: By these a container gets another name, under which it may be changed.
_HANDING_ON: Final = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return, ast.Yield, ast.YieldFrom),
    *(ast.Tuple, ast.List, ast.Set, ast.Lambda, ast.Await),
)
#: Methods that change a list, dict or set.
_MUTATORS: Final = frozenset(
    {*dir(list), *dir(dict), *dir(set)}
    - {*dir(tuple), *dir(frozenset)}
    - {"get", "keys", "values", "items", "__reversed__", "__class_getitem__"}
)


def stays(resolver: Resolver, name: str) -> bool:
    """Tell whether neither its own module nor the linted one changes a container so called."""
    return (
        name not in changes(resolver).containers and name not in changes(resolver.root).containers
    )


def is_set(name: str, *homes: Resolver) -> bool:
    """Tell whether one of these modules, or the linted one, sets an attribute so called."""
    return any(name in changes(home).attributes for home in {*homes, homes[-1].root})
