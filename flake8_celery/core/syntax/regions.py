"""Blocks of statements and how control gets there; scopes and what binds names in them."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, Literal, cast

from flake8_celery.record import NamedTuple


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` for a chain of attributes on a name, else None; as written, nothing resolved."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


MODULE: Final = "module"
FUNCTION: Final = "function"
CLASS: Final = "class"
LAMBDA: Final = "lambda"
COMPREHENSION: Final = "comprehension"
LOOP: Final = "loop"
LOOP_ELSE: Final = "loop else"
WITH: Final = "with"
IF: Final = "if"
ELSE: Final = "else"
TRY: Final = "try"
HANDLER: Final = "except"
TRY_ELSE: Final = "try else"
FINALLY: Final = "finally"
CASE: Final = "case"
FunctionNode = (ast.FunctionDef, ast.AsyncFunctionDef)
DefinitionNode = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Statements that bind no name, but for a walrus, which the one pass finds.
_BINDS_NOTHING: Final = frozenset({ast.Expr, ast.Return, ast.Raise, ast.Assert, ast.Pass})
BUILTINS: Final = frozenset(dir(builtins))


How = Literal[
    "assign",
    "unpack",
    "augment",
    "loop",
    "with",
    "except",
    "import",
    "function",
    "class",
    "parameter",
    "walrus",
    "delete",
    "match",
    "unknown",
]
"""By what a name gets its value."""


class Binding(NamedTuple):
    """One place that gives a name a value."""

    how: How
    node: ast.AST
    value: ast.expr | None
    """The expression assigned, for `assign` and `walrus`; the annotation's default, else None."""
    scope: Scope
    target: str = ""
    """The dotted name, for `import`: `from celery import chain as c` gives `celery.chain`."""


_binding: Final = cast("Callable[[tuple[object, ...]], Binding]", partial(tuple.__new__, Binding))
"""Makes a binding of all its fields. A file has hundreds, and `Binding(...)` is thrice as slow."""


class Region:
    """A block of statements and how control gets there."""

    __slots__ = ("kind", "node", "parent", "scope")

    def __init__(self, kind: str, node: ast.AST, parent: Region) -> None:
        self.kind = kind
        self.node = node
        self.parent: Region | None = parent
        self.scope: Scope = parent.scope

    def __iter__(self) -> Iterator[Region]:
        """Go from this region outwards."""
        region: Region | None = self
        while region is not None:
            yield region
            region = region.parent

    @property
    def function(self) -> Region | None:
        """The nearest enclosing function or lambda, or None at module or class level."""
        for region in self:
            if region.kind is FUNCTION or region.kind is LAMBDA:
                return region
            if region.kind is CLASS or region.kind is MODULE:
                return None
        return None

    @property
    def module(self) -> Scope:
        """The outermost region."""
        region = self
        while region.parent is not None:
            region = region.parent
        return region.scope

    def lookup(self, name: str) -> list[Binding] | None:
        """All bindings of `name` as seen from here, by Python's scoping.

        None means that no scope binds it: a builtin, or a name from `import *`.
        """
        scope: Scope | None = self.scope
        first = True
        while scope is not None:
            if first or scope.kind is not CLASS:
                found = scope.bindings.get(name)
                if found is not None:
                    return found
            first = first and scope.kind is COMPREHENSION
            scope = scope.parent.scope if scope.parent is not None else None
        return None

    def is_builtin(self, name: str) -> bool:
        """Tell whether `name` means Python's builtin here."""
        return name in BUILTINS and self.lookup(name) is None and not self.module.star


class Scope(Region):
    """A region that binds names: a module, class, function, lambda or comprehension."""

    __slots__ = ("_bindings", "outer_names", "owner", "rebound", "star", "walruses")

    def __init__(self, kind: str, node: ast.AST, parent: Region | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.scope = self
        self._bindings: dict[str, list[Binding]] | None = None
        self.owner: Any = None
        """For a module: the resolver that answers for it."""
        self.star = False
        self.walruses: tuple[ast.NamedExpr, ...] = ()
        self.outer_names: tuple[str, ...] = ()
        """Names that a `global` or `nonlocal` statement of this scope lends from outside."""
        self.rebound: tuple[str, ...] = ()
        """Names of this scope that a function inside it may bind anew."""

    @property
    def bindings(self) -> dict[str, list[Binding]]:
        """Every name that this scope binds, with all the places that do; built on first use."""
        if self._bindings is None:
            self._bindings = _bindings_of(self)
        return self._bindings


def parameters_of(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function in order of declaration, `*args` and `**kwargs` included."""
    found = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg is not None:
        found.append(arguments.vararg)
    found.extend(arguments.kwonlyargs)
    if arguments.kwarg is not None:
        found.append(arguments.kwarg)
    return found


def import_target(statement: ast.ImportFrom, name: str) -> str:
    """The dotted name that `from x import name` takes; relative imports keep their dots."""
    return (
        f"{'.' * statement.level}{statement.module or ''}.{name}"
        if statement.module
        else (f"{'.' * statement.level}{name}")
    )


def _bindings_of(scope: Scope) -> dict[str, list[Binding]]:
    found: defaultdict[str, list[Binding]] = defaultdict(list)

    def bind(
        name: str, how: str, node: ast.AST, value: ast.expr | None = None, to: str = ""
    ) -> None:
        found[name].append(_binding((how, node, value, scope, to)))

    def bind_target(target: ast.expr, how: str, node: ast.AST, value: ast.expr | None) -> None:
        pending: list[tuple[ast.expr, str, ast.expr | None]] = [(target, how, value)]
        while pending:
            target, how, value = pending.pop()
            if isinstance(target, ast.Name):
                bind(target.id, how, node, value)
            elif isinstance(target, (ast.Tuple, ast.List)):
                parts: Sequence[ast.expr | None] = [None] * len(target.elts)
                if (
                    how == "assign"
                    and isinstance(value, (ast.Tuple, ast.List))
                    and len(value.elts) == len(target.elts)
                    and not any(isinstance(e, ast.Starred) for e in (*value.elts, *target.elts))
                ):
                    parts = value.elts
                pending.extend(
                    (element, how if part is not None or how != "assign" else "unpack", part)
                    for element, part in zip(target.elts, parts, strict=True)
                )
            elif isinstance(target, ast.Starred):
                pending.append((target.value, "unpack", None))

    node = scope.node
    if isinstance(node, (*FunctionNode, ast.Lambda)):
        for parameter in parameters_of(node.args):
            bind(parameter.arg, "parameter", parameter)
    blocks: list[Sequence[ast.stmt]] = []
    if isinstance(node, (ast.Module, ast.ClassDef, *FunctionNode)):
        blocks.append(node.body)
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        for generator in node.generators:
            bind_target(generator.target, "loop", generator, None)
    while blocks:
        for statement in blocks.pop():
            cls = type(statement)
            if cls in _BINDS_NOTHING:
                continue
            if cls is ast.Assign:
                for target in statement.targets:  # type: ignore[attr-defined]
                    if type(target) is ast.Name:
                        # most of what a module binds: no call
                        value = statement.value  # type: ignore[attr-defined]
                        found[target.id].append(_binding(("assign", statement, value, scope, "")))
                    elif type(target) is not ast.Attribute:
                        bind_target(target, "assign", statement, statement.value)  # type: ignore[attr-defined]
            elif cls is ast.If:
                blocks.append(statement.body)  # type: ignore[attr-defined]
                if statement.orelse:  # type: ignore[attr-defined]
                    blocks.append(statement.orelse)  # type: ignore[attr-defined]
            elif cls is ast.FunctionDef or cls is ast.AsyncFunctionDef:
                bind(statement.name, "function", statement)  # type: ignore[attr-defined]
            elif cls is ast.ImportFrom:
                whence = import_target(statement, "")  # type: ignore[arg-type]
                for alias in statement.names:  # type: ignore[attr-defined]
                    name = alias.name
                    if name == "*":
                        scope.star = scope.module.star = True
                        continue
                    to = whence + name
                    found[alias.asname or name].append(
                        _binding(("import", statement, None, scope, to))
                    )
            elif cls is ast.ClassDef:
                bind(statement.name, "class", statement)  # type: ignore[attr-defined]
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    if alias.asname:
                        bind(alias.asname, "import", statement, None, alias.name)
                    else:
                        top = alias.name.partition(".")[0]
                        bind(top, "import", statement, None, top)
            elif isinstance(statement, ast.AnnAssign):
                if statement.value is not None:
                    bind_target(statement.target, "assign", statement, statement.value)
                elif scope.kind is not MODULE and scope.kind is not CLASS:
                    bind_target(statement.target, "unknown", statement, None)
            elif isinstance(statement, ast.AugAssign):
                bind_target(statement.target, "augment", statement, None)
            elif isinstance(statement, (ast.For, ast.AsyncFor)):
                bind_target(statement.target, "loop", statement, None)
                blocks += (statement.body, statement.orelse)
            elif isinstance(statement, ast.While):
                blocks += (statement.body, statement.orelse)
            elif isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    if item.optional_vars is not None:
                        bind_target(item.optional_vars, "with", item, None)
                blocks.append(statement.body)
            elif cls is ast.Try or cls.__name__ == "TryStar":
                for handler in statement.handlers:  # type: ignore[attr-defined]
                    if handler.name:
                        bind(handler.name, "except", handler)
                    blocks.append(handler.body)
                blocks += (statement.body, statement.orelse, statement.finalbody)  # type: ignore[attr-defined]
            elif isinstance(statement, ast.Delete):
                for target in statement.targets:
                    bind_target(target, "delete", statement, None)
            elif isinstance(statement, ast.Match):
                for case in statement.cases:
                    for pattern in ast.walk(case.pattern):
                        captured = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                        if isinstance(captured, str):
                            bind(captured, "match", pattern)
                    blocks.append(case.body)
            elif cls.__name__ == "TypeAlias":
                bind_target(statement.name, "unknown", statement, None)  # type: ignore[attr-defined]
    for walrus in scope.walruses:
        bind(walrus.target.id, "walrus", walrus, walrus.value)
    for name in scope.outer_names:
        found.pop(name, None)
    for name in scope.rebound:
        if scope.kind is MODULE or name in found:
            bind(name, "unknown", node)
    found.default_factory = None  # from here on a name that nothing binds is none
    return found
