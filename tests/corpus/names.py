"""What a name means, by the imports and assignments of a project's files; followed by hand."""

from __future__ import annotations

import ast
import io
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tests.corpus.sites import Sites

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HOPS = 6


class Defined(NamedTuple):
    """A name of a module of the project, and the one statement that gives it its value."""

    module: Source
    node: ast.AST
    name: str


class Outside(NamedTuple):
    """A dotted name of another package."""

    dotted: str


Meaning: TypeAlias = "Defined | Outside | Source | None"


class Source:
    """One file of the project."""

    def __init__(self, project: Sites, path: Path, text: str, tree: ast.Module) -> None:
        self.project = project
        self.path = path
        self.text = text
        self.tree = tree
        self.names: dict[str, list[ast.AST]] = {}
        self._bind(tree.body)

    def _bind(self, body: list[ast.stmt]) -> None:
        for node in body:
            for name in bound_by(node):
                self.names.setdefault(name, []).append(node)
            if isinstance(node, ast.Try):
                for part in (node.body, *(h.body for h in node.handlers), node.orelse):
                    self._bind(part)
            elif isinstance(node, ast.If):
                self._bind(node.body)
                self._bind(node.orelse)

    @cached_property
    def _starts(self) -> list[tuple[int, str]]:
        found = []
        total = 0
        for line in io.StringIO(self.text, newline=""):
            found.append((total, line))
            total += len(line)
        return found

    def offset(self, line: int, column: int) -> int:
        """Where a place of the tree (columns in bytes) is in the text."""
        start, text = self._starts[line - 1]
        return start + len(text.encode()[:column].decode())

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each node stands in."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> tuple[ast.AST, ...]:
        """All that `node` stands in, the nearest first."""
        found = []
        while node in self.parents:
            node = self.parents[node]
            found.append(node)
        return tuple(found)

    def meaning(self, node: ast.AST, inside: tuple[ast.AST, ...] = (), hops: int = 0) -> Meaning:
        """What a name or a dotted name means at a place; None where it is in doubt."""
        if hops > HOPS:
            return None
        if isinstance(node, ast.Subscript):
            return self.meaning(node.value, inside, hops)
        if isinstance(node, ast.Name):
            for outer in inside:
                if isinstance(outer, (*FUNCTIONS, ast.Lambda)):
                    local = locals_of(outer).get(node.id)
                    if local is None:
                        continue
                    if len(local) > 1 or not isinstance(local[0], (ast.Import, ast.ImportFrom)):
                        return None
                    return self._given(local[0], node.id, hops)
            return self.named(node.id, hops)
        if isinstance(node, ast.Attribute):
            there = self.meaning(node.value, inside, hops + 1)
            if isinstance(there, Outside):
                return Outside(f"{there.dotted}.{node.attr}")
            if isinstance(there, Source):
                return there.named(node.attr, hops + 1) or there.submodule(node.attr)
        return None

    def named(self, name: str, hops: int = 0) -> Meaning:
        """What a name of this module means elsewhere."""
        found = self.names.get(name, [])
        if len(found) != 1 or hops > HOPS:
            return None
        return self._given(found[0], name, hops)

    def submodule(self, name: str) -> Source | None:
        if self.path.name != "__init__.py":
            return None
        return self.project.source(self.path.parent, [name])

    def _given(self, node: ast.AST, name: str, hops: int) -> Meaning:
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name.split(".")[0]) == name)
            dotted = alias.name if alias.asname else name
            return self.project.locate(self, 0, dotted) or Outside(dotted)
        if isinstance(node, ast.ImportFrom):
            alias = next(a for a in node.names if (a.asname or a.name) == name)
            there = self.project.locate(self, node.level, node.module or "")
            if there is None:
                if node.level or self.project.owns(node.module or ""):
                    return None
                return Outside(f"{node.module}.{alias.name}")
            if there is not self and alias.name in there.names:
                return there.named(alias.name, hops + 1)
            return there.submodule(alias.name)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            return self.named(node.value.id, hops + 1)
        return Defined(self, node, name)


def bound_by(node: ast.AST) -> list[str]:
    """The names that one statement gives a value."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Import):
        return [a.asname or a.name.split(".")[0] for a in node.names]
    if isinstance(node, ast.ImportFrom):
        return [a.asname or a.name for a in node.names]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        targets = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [i.optional_vars for i in node.items if i.optional_vars is not None]
    return [
        n.id
        for t in targets
        for n in ast.walk(t)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def locals_of(function: ast.AST) -> dict[str, list[ast.AST]]:
    """The names that a function binds, with what binds them."""
    found: dict[str, list[ast.AST]] = {}
    assert isinstance(function, (*FUNCTIONS, ast.Lambda))
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            found.setdefault(argument.arg, []).append(argument)
    for node in ast.walk(function):
        if node is function:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.setdefault(node.id, []).append(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
            for name in bound_by(node):
                found.setdefault(name, []).append(node)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.setdefault(node.name, []).append(node)
    return found
