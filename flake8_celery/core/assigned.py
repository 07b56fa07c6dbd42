"""What the names of a module or class hold once its code has run, without running it.

Statements are followed in order. Where control may go two ways both are followed and joined: a
name then has several possible values, or may be unbound. What can't be followed (`globals()`, an
`import *` of a file that isn't here) makes every name unreadable.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from flake8_celery.core.resolve import Unknown, dotted
from flake8_celery.core.source import DefinitionNode, Region, Scope

if TYPE_CHECKING:
    from flake8_celery.core.model import Model

MAX_NESTING: Final = 30
MAX_PLACES: Final = 16
#: Functions that may bind names that no statement shows.
MAX_SPREADS: Final = 8
_DYNAMIC: Final = frozenset({"globals", "locals", "vars", "exec", "setattr", "delattr"})
_MUTATORS: Final = frozenset(
    [
        *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse"),
        *("update", "setdefault", "add", "discard"),
    ]
)
_TRY: Final = (ast.Try, getattr(ast, "TryStar", ast.Try))


class Given(NamedTuple):
    """An expression that a name is given: where it is read, and what sets it, for reports."""

    value: ast.expr
    region: Region
    model: Model
    """The facts of the module that it stands in."""
    node: ast.AST
    """The statement, keyword or dict key that sets it."""
    written: str
    """The name as written there."""


class Link(NamedTuple):
    """A name imported from another module; read when it is asked for."""

    target: str
    model: Model


class Change(NamedTuple):
    """A value changed in place: `[]` an item set, `update` or `+=` items added."""

    how: str
    item: ast.expr | None
    given: Given
    sure: bool
    """It happens on every way through the code."""


class Value(NamedTuple):
    """What a name may hold."""

    places: tuple[Given | Link, ...] = ()
    absent: bool = True
    """It may be unbound."""
    unreadable: bool = False
    """It may be something that can't be told."""
    changes: tuple[Change, ...] = ()


ABSENT_VALUE: Final = Value()
UNREADABLE_VALUE: Final = Value((), False, True)


class Names:
    """The names of a scope at one point; a branch is a layer over what was before it."""

    __slots__ = ("_now", "_opaque_since", "names", "parent")

    def __init__(self, parent: Names | None = None) -> None:
        self.parent = parent
        self.names: dict[str, tuple[int, Value]] = {}
        self._now = 1
        self._opaque_since = 0

    @property
    def opaque(self) -> bool:
        """Whether names may have been bound that nothing shows."""
        return self._opaque_since > 0

    def get(self, name: str) -> Value:
        """What `name` may hold here."""
        layer: Names | None = self
        opaque = False
        while layer is not None:
            found = layer.names.get(name)
            if found is not None:
                opaque = opaque or found[0] <= layer._opaque_since
                return found[1]._replace(unreadable=True) if opaque else found[1]
            opaque = opaque or layer.opaque
            layer = layer.parent
        return Value((), True, True) if opaque else ABSENT_VALUE

    def set(self, name: str, value: Value) -> None:
        """Bind `name`."""
        self.names[name] = (self._now + 1, value)

    def change(self, name: str, change: Change | None) -> None:
        """Change the value of `name` in place; None for a way that can't be followed."""
        value = self.get(name)
        if change is None:
            self.set(name, value._replace(unreadable=True))
        else:
            self.set(name, value._replace(changes=(*value.changes, change)))

    def taint(self) -> None:
        """From here on every name may be anything, until it is bound anew."""
        self._now += 1
        self._opaque_since = self._now

    def join(self, branches: Sequence[Names]) -> None:
        """Go on with what holds after any of the branches."""
        if any(branch.opaque for branch in branches):
            self.taint()
        names = dict.fromkeys(name for branch in branches for name in branch.names)
        for name in names:
            self.set(name, merged(branch.get(name) for branch in branches))


def merged(values: Iterable[Value]) -> Value:
    """The value that is one of several."""
    given = list(values)
    if len(given) == 1:
        return given[0]
    places = tuple(dict.fromkeys(place for value in given for place in value.places))
    changes = tuple(dict.fromkeys(change for value in given for change in value.changes))
    everywhere = [change for change in changes if all(change in v.changes for v in given)]
    return Value(
        places[:MAX_PLACES],
        any(value.absent for value in given),
        any(value.unreadable for value in given) or len(places) > MAX_PLACES,
        tuple(c if c in everywhere else c._replace(sure=False) for c in changes),
    )


class Flow:
    """Follows statements in the order in which they run; subclasses say what a statement does."""

    def block(self, body: Sequence[ast.stmt], names: Names, depth: int = 0) -> bool:
        """Run statements; false if control never comes to their end."""
        if depth > MAX_NESTING:
            names.taint()
            return True
        for statement in body:
            if isinstance(statement, (ast.Raise, ast.Return)):
                return False
            if isinstance(statement, ast.If):
                if not self._branches(statement, names, depth):
                    return False
            elif isinstance(statement, _TRY):
                if not self._try(statement, names, depth):
                    return False
            elif isinstance(statement, (ast.For, ast.AsyncFor, ast.While)):
                inner = Names(names)
                if not isinstance(statement, ast.While):
                    self.bind(statement.target, names, statement)
                self.block(statement.body, inner, depth + 1)
                names.join([Names(names), inner])
                self.block(statement.orelse, names, depth + 1)
            elif isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, names, statement)
                if not self.block(statement.body, names, depth + 1):
                    return False
            elif isinstance(statement, ast.Match):
                arms = [Names(names)]
                for case in statement.cases:
                    inner = Names(names)
                    if self.block(case.body, inner, depth + 1):
                        arms.append(inner)
                names.join(arms)
            else:
                self.simple(statement, names)
        return True

    def _branches(self, statement: ast.If, names: Names, depth: int) -> bool:
        arms: list[Names] = []
        rest: list[ast.stmt] = [statement]
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            branch = rest[0]
            inner = Names(names)
            if self.block(branch.body, inner, depth + 1):
                arms.append(inner)
            rest = branch.orelse
        inner = Names(names)
        if self.block(rest, inner, depth + 1):
            arms.append(inner)
        if not arms:
            return False
        names.join(arms)
        return True

    def _try(self, statement: ast.Try, names: Names, depth: int) -> bool:
        tried = Names(names)
        arms: list[Names] = []
        goes_on = self.block(statement.body, tried, depth + 1)
        for handler in statement.handlers:
            inner = Names(names)
            inner.join([Names(names), tried])
            if self.block(handler.body, inner, depth + 1):
                arms.append(inner)
        if goes_on and self.block(statement.orelse, tried, depth + 1):
            arms.append(tried)
        if not arms:
            return False
        names.join(arms)
        return self.block(statement.finalbody, names, depth + 1)

    def bind(self, target: ast.expr, names: Names, statement: ast.stmt) -> None:
        """A loop or `with` binds the target."""

    def simple(self, statement: ast.stmt, names: Names) -> None:
        """Run a statement that holds no other."""
        raise NotImplementedError


Reader = Callable[[str], Names | None]
"""Gives the names of the module at a path; None where they can't be read."""


class ScopeFlow(Flow):
    """The names that a module or class binds."""

    def __init__(self, model: Model, region: Scope, read: Reader) -> None:
        self.model = model
        self.region = region
        self.read = read
        self.dynamic: set[ast.stmt] = set()
        self._met: set[ast.stmt] = set()
        calls = model.candidates.name_calls
        for name in _DYNAMIC:
            self.dynamic.update(statement for _, statement, _ in calls.get(name, ()))
        for name in ("include", "optional"):
            for call, statement, where in calls.get(name, ()):
                if (model.resolver.qualname(call.func, where) or "").startswith("split_settings"):
                    self.dynamic.add(statement)

    def run(self) -> Names:
        """The names at the end of the module or class."""
        names = Names()
        node = self.region.node
        assert isinstance(node, (ast.Module, ast.ClassDef))
        self.block(node.body, names)
        if not self.dynamic <= self._met or "__getattr__" in names.names:
            names.taint()
        for name in self.region.rebound:
            names.set(name, UNREADABLE_VALUE)
        return names

    def simple(self, statement: ast.stmt, names: Names) -> None:
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

    def bind(self, target: ast.expr, names: Names, statement: ast.stmt) -> None:
        """See `Flow.bind`."""
        self._assign(target, None, names, statement)

    def given(self, value: ast.expr, node: ast.AST, written: str) -> Given:
        """An expression of this scope."""
        return Given(value, self.region, self.model, node, written)

    def _assign(
        self, target: ast.expr, value: ast.expr | None, names: Names, statement: ast.stmt
    ) -> None:
        pending: list[tuple[ast.expr, ast.expr | None]] = [(target, value)]
        while pending:
            target, value = pending.pop()
            if isinstance(target, ast.Name):
                if value is None:
                    names.set(target.id, UNREADABLE_VALUE)
                else:
                    given = self.given(value, statement, target.id)
                    names.set(target.id, Value((given,), False))
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
                names.change(target.value.id, Change("[]", target.slice, given, True))
            else:
                self._spoil(target, names)

    def _spoil(self, target: ast.expr, names: Names) -> None:
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name):
            names.change(target.id, None)

    def _augment(self, statement: ast.AugAssign, names: Names) -> None:
        target = statement.target
        if isinstance(target, ast.Name) and isinstance(statement.op, (ast.Add, ast.BitOr)):
            given = self.given(statement.value, statement, target.id)
            how = "+=" if isinstance(statement.op, ast.Add) else "update"
            names.change(target.id, Change(how, None, given, True))
        else:
            self._spoil(target, names)

    def _import(self, statement: ast.ImportFrom, names: Names) -> None:
        dots = "." * statement.level
        for alias in statement.names:
            if alias.name != "*":
                base = f"{dots}{statement.module}." if statement.module else dots
                link = Link(f"{base}{alias.name}", self.model)
                names.set(alias.asname or alias.name, Value((link,), False))
                continue
            path = self.model.project.locate(f"{dots}{statement.module or ''}")
            other = self.read(path) if path is not None else None
            if other is None:
                names.taint()
                continue
            if other.opaque:
                names.taint()
            for name in list(other.names):
                if name.startswith("_"):
                    continue
                value = other.get(name)
                if value.absent:
                    value = merged((value._replace(absent=False), names.get(name)))
                names.set(name, value)

    def _call(self, call: ast.Call, names: Names, statement: ast.stmt) -> None:
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr in _MUTATORS:
            holder = func.value
            if isinstance(holder, ast.Name) and func.attr == "update" and not call.keywords:
                if len(call.args) == 1:
                    given = self.given(call.args[0], call, holder.id)
                    names.change(holder.id, Change("update", None, given, True))
                    return
            if isinstance(holder, ast.Name) and func.attr in ("append", "extend") and call.args:
                given = self.given(call.args[0], call, holder.id)
                how = "append" if func.attr == "append" else "+="
                names.change(holder.id, Change(how, None, given, True))
                return
            self._spoil(holder, names)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(argument, ast.Name) and argument.id.isupper():
                # a mutable setting handed to a function may come back changed
                value = names.get(argument.id)
                if value.places and not _is_constant(value):
                    names.change(argument.id, None)


def _is_constant(value: Value) -> bool:
    return all(
        isinstance(place, Given) and isinstance(place.value, (ast.Constant, ast.Tuple))
        for place in value.places
    )


def class_names(model: Model, node: ast.ClassDef, region: Region, read: Reader) -> Names:
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
    names = Names()
    if opaque:
        names.taint()
    for each in reversed(order):
        inner = model.candidates.scopes.get(each)
        if inner is None or each.decorator_list:
            names.taint()
            continue
        own = ScopeFlow(model, inner, read).run()
        if own.opaque:
            names.taint()
        for name in list(own.names):
            value = own.get(name)
            if value.absent:
                value = merged((value._replace(absent=False), names.get(name)))
            names.set(name, value)
    return names


def dict_names(model: Model, node: ast.expr, region: Region, depth: int = 0) -> Names | None:
    """The items of a dict display or `dict(a=1)` call as names; None for anything else."""
    names = Names()
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                given = Given(value, region, model, key, key.value)
                names.set(key.value, Value((given,), False))
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
                given = Given(keyword.value, region, model, keyword, keyword.arg)
                names.set(keyword.arg, Value((given,), False))
        return names
    return None


def _merge_over(names: Names, other: Names) -> None:
    if other.opaque:
        names.taint()
    for name in list(other.names):
        names.set(name, other.get(name))


def expression_names(model: Model, node: ast.expr, region: Region, depth: int = 0) -> Names | None:
    """The items of the one mapping that an expression leads to in its own module, or None."""
    if depth > MAX_SPREADS:  # of mappings in mappings: one may hold itself
        return None
    if isinstance(node, ast.Name) and _changed_in_place(model, node.id):
        return None
    found = model.resolver.expressions(node, region)
    if isinstance(found, Unknown) or len(found) != 1:
        return None
    return dict_names(model, *found[0], depth)


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
