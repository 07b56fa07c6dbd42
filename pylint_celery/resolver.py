"""What an expression means when the rest of the project is known too, by astroid's inference."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from astroid import bases, nodes, util
from astroid.exceptions import AstroidError

from flake8_celery.core.resolve import (
    MAX_VALUES,
    Environment,
    Kinds,
    ModuleResolver,
    Unknown,
    Values,
    bounded,
    distinct,
)
from flake8_celery.core.source import Region

SECONDS_A_FILE: Final = 0.2
"""An inference can't be interrupted; after this much in one file the rest is UNKNOWN."""
MAX_NODES: Final = 60

#: How a name may be bound for astroid to tell its value: all other ways it sees half of.
_READABLE: Final = frozenset({"assign", "import", "function", "class", "walrus"})
_SHAPES: Final = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Call,
    ast.BinOp,
    ast.JoinedStr,
    ast.IfExp,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Tuple,
)
_BUILTIN_KINDS: Final = frozenset(
    {"str", "bytes", "int", "float", "bool", "list", "tuple", "dict", "set", "frozenset"}
)
_ASTROID_NAMES: Final = {"Constant": "Const"}


class AstroidResolver(ModuleResolver):
    """Asks its own module first and astroid where that says UNKNOWN.

    An answer of astroid counts only if every candidate is known and there are at most
    `MAX_VALUES`; no exception of an inference leaves this class.
    """

    def __init__(
        self, module: nodes.Module, module_name: Callable[[], str | None] | None = None
    ) -> None:
        super().__init__(module_name)
        self._module = module
        self._index: dict[tuple[str, int, int], nodes.NodeNG] | None = None
        self._left = SECONDS_A_FILE
        self._inferred: dict[ast.AST, list[Any] | None] = {}

    def values(self, node: ast.expr, region: Region) -> Values:
        """See `Resolver.values`."""
        known = super().values(node, region)
        if not isinstance(known, Unknown) or isinstance(known, Environment):
            return known
        candidates = self._infer(node, region)
        if candidates is None:
            return known
        found: list[object] = []
        for candidate in candidates:
            value = _value(candidate, 0)
            if value is None:
                return known
            found += value
        self.inferences += 1
        return distinct(found)

    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """See `Resolver.kinds`."""
        known = super().kinds(node, region)
        if not isinstance(known, Unknown):
            return known
        candidates = self._infer(node, region)
        if candidates is None:
            return known
        found = {_kind(candidate) for candidate in candidates}
        if "" in found:
            return known
        self.inferences += 1
        return frozenset(found)

    def _infer(self, node: ast.expr, region: Region) -> list[Any] | None:
        """Every candidate, or None where one is uninferable or there are too many."""
        if node not in self._inferred:
            self._inferred[node] = self._ask(node, region)
        return self._inferred[node]

    def _ask(self, node: ast.expr, region: Region) -> list[Any] | None:
        if self._left <= 0 or not isinstance(node, _SHAPES) or not self._readable(node, region):
            return None
        start = time.perf_counter()
        try:
            found: list[Any] = []
            there = self._astroid(node)
            if there is None:
                return None
            for candidate in there.infer():
                found.append(candidate)
                if isinstance(candidate, util.UninferableBase) or len(found) > MAX_VALUES:
                    return None
                if _stale(candidate):
                    return None
            return found or None
        except (AstroidError, RecursionError, AttributeError, TypeError, ValueError, KeyError):
            # astroid's own bugs are no reason to say anything
            return None
        finally:
            self._left -= time.perf_counter() - start

    def _readable(self, node: ast.expr, region: Region) -> bool:
        """Whether every name in it is bound in a way that astroid sees the whole of."""
        top = region
        while top.parent is not None:
            top = top.parent
        if top.node is not self.tree:
            return False  # it stands in another file
        for count, inner in enumerate(ast.walk(node)):
            if count > MAX_NODES or isinstance(
                inner, (ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
            ):
                return False
            if isinstance(inner, ast.Name):
                bindings = region.lookup(inner.id)
                if bindings is None:
                    if not region.is_builtin(inner.id):
                        return False
                elif any(binding.how not in _READABLE for binding in bindings):
                    return False
        return True

    def _astroid(self, node: ast.expr) -> nodes.NodeNG | None:
        """The node of astroid's tree at the same place."""
        if self._index is None:
            self._index = dict(_places(self._module))
        name = node.__class__.__name__
        place = (_ASTROID_NAMES.get(name, name), node.lineno, node.col_offset)
        return self._index.get(place)


def _places(module: nodes.Module) -> Iterator[tuple[tuple[str, int, int], nodes.NodeNG]]:
    stack: list[nodes.NodeNG] = [module]
    while stack:
        node = stack.pop()
        if node.lineno is not None and node.col_offset is not None:
            yield (node.__class__.__name__, node.lineno, node.col_offset), node
        stack += node.get_children()


def _stale(candidate: Any) -> bool:
    """Whether the value is changed in place somewhere, which astroid does not see."""
    if isinstance(candidate, (nodes.List, nodes.Dict, nodes.Set)):
        return True
    if not isinstance(candidate, (nodes.Const, nodes.Tuple)) or candidate.parent is None:
        return False
    statement = candidate.statement()
    if not isinstance(statement, (nodes.Assign, nodes.AnnAssign)):
        return False
    targets = statement.targets if isinstance(statement, nodes.Assign) else [statement.target]
    for target in targets:
        if isinstance(target, nodes.AssignName):
            holder = candidate.scope()
            for other in holder.locals.get(target.name, ()):
                if isinstance(other.statement(), (nodes.AugAssign, nodes.For, nodes.With)):
                    return True
    return False


def _value(candidate: Any, depth: int) -> list[object] | None:
    """The one value of a candidate, in a list; None where it can't be told."""
    if isinstance(candidate, nodes.Const):
        return [candidate.value] if bounded(candidate.value) else None
    if isinstance(candidate, nodes.Tuple) and depth < 3:
        items: list[object] = []
        for element in candidate.elts:
            inner = _value(element, depth + 1)
            if inner is None:
                return None
            items += inner
        return [tuple(items)]
    return None


def _kind(candidate: Any) -> str:
    """The kind of a candidate in the resolver's words; empty where there is none."""
    if isinstance(candidate, nodes.Const):
        return "none" if candidate.value is None else type(candidate.value).__name__
    if isinstance(candidate, nodes.ClassDef):
        return "exception-class" if _is_exception(candidate) else "class"
    if isinstance(candidate, nodes.Module):
        return "module"
    if isinstance(candidate, nodes.FunctionDef):
        return "" if candidate.decorators else "function"
    if isinstance(candidate, nodes.Lambda):
        return "function"
    if isinstance(candidate, (nodes.List, nodes.Dict, nodes.Set, nodes.Tuple)):
        return str(candidate.pytype()).rpartition(".")[2]
    if type(candidate) is bases.Instance:
        name = str(candidate.pytype())
        if name == "datetime.timedelta":
            return "timedelta"
        module, _, last = name.rpartition(".")
        if module == "builtins" and last in _BUILTIN_KINDS:
            return last
        return "exception" if _is_exception(candidate._proxied) else ""
    return ""


def _is_exception(node: nodes.ClassDef) -> bool:
    try:
        return any(
            base.name == "BaseException" and base.root().name == "builtins"
            for base in (node, *node.ancestors())
        )
    except (AstroidError, RecursionError):
        return False
