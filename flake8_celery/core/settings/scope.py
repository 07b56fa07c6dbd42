"""The names of a module or class, its statements read in order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.settings.names import (
    ABSENT_VALUE,
    UNREADABLE_VALUE,
    Assigned,
    Held,
    InPlace,
    Link,
    ScopeNames,
    StatementFlow,
)
from flake8_celery.core.syntax.regions import DefinitionNode, Region, Scope, dotted

#: Functions that may bind names that no statement shows.
MAX_SPREADS: Final = 8
_DYNAMIC: Final = frozenset({"globals", "locals", "vars", "exec", "setattr", "delattr"})
_MUTATORS: Final = frozenset(
    [
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse"),
        *("update", "setdefault", "add", "discard"),
    ]
)
ReadNames = Callable[[str], ScopeNames | None]
"""Gives the names of the module at a path; None where they can't be read."""


class ScopeFlow(StatementFlow):
    """The names that a module or class binds."""

    def __init__(self, model: Model, region: Scope, read: ReadNames) -> None:
        self.model = model
        self.region = region
        self.read = read
        self.dynamic: set[ast.stmt] = set()
        self._met: set[ast.stmt] = set()
        calls = model.candidates.name_calls
        for name in _DYNAMIC:
            for call, statement, _ in calls.get(name, ()):
                if not _only_asks(call, statement):
                    self.dynamic.add(statement)
        for name in ("include", "optional"):
            for call, statement, where in calls.get(name, ()):
                if (model.resolver.qualname(call.func, where) or "").startswith("split_settings"):
                    self.dynamic.add(statement)

    def run(self) -> ScopeNames:
        """The names at the end of the module or class."""
        names = ScopeNames()
        node = self.region.node
        assert isinstance(node, (ast.Module, ast.ClassDef))
        self.block(node.body, names)
        if not self.dynamic <= self._met or "__getattr__" in names.names:
            names.taint()
        for name in self.region.rebound:
            names.set(name, UNREADABLE_VALUE)
        return names

    def simple(self, statement: ast.stmt, names: ScopeNames) -> None:
        """See `Flow.simple`."""
        if statement in self.dynamic:
            self._met.add(statement)
            names.taint()
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(target, statement.value, names, statement)
        elif isinstance(statement, ast.AnnAssign):
            if statement.value is not None:
                self._assign(statement.target, statement.value, names, statement)
        elif isinstance(statement, ast.AugAssign):
            self._augment(statement, names)
        elif isinstance(statement, ast.ImportFrom):
            self._import(statement, names)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                names.set(alias.asname or alias.name.partition(".")[0], UNREADABLE_VALUE)
        elif isinstance(statement, DefinitionNode):
            names.set(statement.name, UNREADABLE_VALUE)
        elif isinstance(statement, ast.Delete):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    names.set(target.id, ABSENT_VALUE)
                else:
                    self._spoil(target, names)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value, names, statement)

    def bind(self, target: ast.expr, names: ScopeNames, statement: ast.stmt) -> None:
        """See `Flow.bind`."""
        self._assign(target, None, names, statement)

    def given(self, value: ast.expr, node: ast.AST, written: str) -> Assigned:
        """An expression of this scope."""
        return Assigned(value, self.region, self.model, node, written)

    def _assign(
        self, target: ast.expr, value: ast.expr | None, names: ScopeNames, statement: ast.stmt
    ) -> None:
        pending: list[tuple[ast.expr, ast.expr | None]] = [(target, value)]
        while pending:
            target, value = pending.pop()
            if isinstance(target, ast.Name):
                if value is None:
                    names.set(target.id, UNREADABLE_VALUE)
                else:
                    given = self.given(value, statement, target.id)
                    names.set(target.id, Held((given,), False))
            elif isinstance(target, ast.Starred):
                pending.append((target.value, None))
            elif isinstance(target, (ast.Tuple, ast.List)):
                parts: Sequence[ast.expr | None] = [None] * len(target.elts)
                if (
                    isinstance(value, (ast.Tuple, ast.List))
                    and len(value.elts) == len(target.elts)
                    and not any(isinstance(e, ast.Starred) for e in (*value.elts, *target.elts))
                ):
                    parts = value.elts
                pending += zip(target.elts, parts, strict=True)
            elif (
                isinstance(target, ast.Subscript)
                and isinstance(target.value, ast.Name)
                and value is not None
            ):
                given = self.given(value, statement, target.value.id)
                names.change(target.value.id, InPlace("[]", target.slice, given, True))
            else:
                self._spoil(target, names)

    def _spoil(self, target: ast.expr, names: ScopeNames) -> None:
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name):
            names.change(target.id, None)

    def _augment(self, statement: ast.AugAssign, names: ScopeNames) -> None:
        target = statement.target
        if isinstance(target, ast.Name) and isinstance(statement.op, (ast.Add, ast.BitOr)):
            given = self.given(statement.value, statement, target.id)
            how = "+=" if isinstance(statement.op, ast.Add) else "update"
            names.change(target.id, InPlace(how, None, given, True))
        else:
            self._spoil(target, names)

    def _import(self, statement: ast.ImportFrom, names: ScopeNames) -> None:
        dots = "." * statement.level
        for alias in statement.names:
            if alias.name != "*":
                base = f"{dots}{statement.module}." if statement.module else dots
                link = Link(f"{base}{alias.name}", self.model)
                names.set(alias.asname or alias.name, Held((link,), False))
                continue
            path = self.model.project.locate(f"{dots}{statement.module or ''}")
            other = self.read(path) if path is not None else None
            if other is None:
                names.taint()
                continue
            names.overlay(other, lambda name: not name.startswith("_"))

    def _call(self, call: ast.Call, names: ScopeNames, statement: ast.stmt) -> None:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in _MUTATORS:
            holder = func.value
            if isinstance(holder, ast.Name) and func.attr == "update" and not call.keywords:
                if len(call.args) == 1:
                    given = self.given(call.args[0], call, holder.id)
                    names.change(holder.id, InPlace("update", None, given, True))
                    return
            if isinstance(holder, ast.Name) and func.attr in ("append", "extend") and call.args:
                given = self.given(call.args[0], call, holder.id)
                how = "append" if func.attr == "append" else "+="
                names.change(holder.id, InPlace(how, None, given, True))
                return
            self._spoil(holder, names)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(argument, ast.Name) and argument.id.isupper():
                # a mutable setting handed to a function may come back changed
                value = names.get(argument.id)
                if value.places and not _is_constant(value):
                    names.change(argument.id, None)


def _only_asks(call: ast.Call, statement: ast.stmt) -> bool:
    """Whether `globals()` is only asked: `globals().get("X")`, `"X" in globals()`."""
    if call.args or call.keywords:
        return False
    asked: ast.Call | None = None
    for node in ast.walk(statement):
        if isinstance(node, ast.Compare) and node.comparators == [call]:
            return isinstance(node.ops[0], (ast.In, ast.NotIn))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.value is call and node.func.attr == "get":
                asked = node
    # what is got may be changed in place: globals().get("X").append(1)
    return asked is not None and not any(
        isinstance(node, ast.Attribute) and node.value is asked for node in ast.walk(statement)
    )


def _is_constant(value: Held) -> bool:
    return all(
        isinstance(place, Assigned) and isinstance(place.value, (ast.Constant, ast.Tuple))
        for place in value.places
    )


def class_names(model: Model, node: ast.ClassDef, region: Region, read: ReadNames) -> ScopeNames:
    """The attributes of a class, its bases' included, nearest first."""
    order: list[ast.ClassDef] = [node]
    opaque = False
    for base, scope in model.resolver.bases(node, region):
        found = model.resolver.definition(base, scope)
        if found is not None and isinstance(found[0], ast.ClassDef):
            # the last occurrence counts, as in Python's order for all but odd hierarchies
            if found[0] in order:
                order.remove(found[0])
            order.append(found[0])
        elif dotted(base) != "object":
            opaque = True
    names = ScopeNames()
    if opaque:
        names.taint()
    for each in reversed(order):
        inner = model.candidates.scopes.get(each)
        if inner is None or each.decorator_list:
            names.taint()
            continue
        own = ScopeFlow(model, inner, read).run()
        names.overlay(own)
    return names


def dict_names(model: Model, node: ast.expr, region: Region, depth: int = 0) -> ScopeNames | None:
    """The items of a dict display or `dict(a=1)` call as names; None for anything else."""
    names = ScopeNames()
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                given = Assigned(value, region, model, key, key.value)
                names.set(key.value, Held((given,), False))
            elif key is None:
                spread = expression_names(model, value, region, depth + 1)
                if spread is None:
                    names.taint()
                else:
                    _merge_over(names, spread)
            else:
                names.taint()
        return names
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and region.is_builtin("dict")
        and len(node.args) <= 1
    ):
        for argument in node.args:
            spread = expression_names(model, argument, region, depth + 1)
            if spread is None:
                return None
            _merge_over(names, spread)
        for keyword in node.keywords:
            if keyword.arg is None:
                spread = expression_names(model, keyword.value, region, depth + 1)
                if spread is None:
                    names.taint()
                else:
                    _merge_over(names, spread)
            else:
                given = Assigned(keyword.value, region, model, keyword, keyword.arg)
                names.set(keyword.arg, Held((given,), False))
        return names
    return None


def _merge_over(names: ScopeNames, other: ScopeNames) -> None:
    if other.opaque:
        names.taint()
    for name in list(other.names):
        names.set(name, other.get(name))


def expression_names(
    model: Model, node: ast.expr, region: Region, depth: int = 0
) -> ScopeNames | None:
    """The items of the one mapping that an expression leads to in its own module, or None."""
    if depth > MAX_SPREADS:  # of mappings in mappings: one may hold itself
        return None
    if isinstance(node, ast.Name) and _changed_in_place(model, node.id):
        return None
    found = model.resolver.expression(node, region)
    if found is None:
        return None
    return dict_names(model, *found, depth)


def _changed_in_place(model: Model, name: str) -> bool:
    for statement, _ in model.candidates.assigns:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if isinstance(target, ast.Subscript) and dotted(target.value) == name:
                return True
    calls = model.candidates.attribute_calls
    return any(
        isinstance(call.func, ast.Attribute) and dotted(call.func.value) == name
        for method in _MUTATORS
        for call, _, _ in calls.get(method, ())
    )
