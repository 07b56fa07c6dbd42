"""What the names of a scope hold after its statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.regions import Region
from flake8_celery.record import NamedTuple

MAX_NESTING: Final = 30
MAX_PLACES: Final = 16
_TRY: Final = (ast.Try, getattr(ast, "TryStar", ast.Try))


class Assigned(NamedTuple):
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


class InPlace(NamedTuple):
    """A value changed in place: `[]` an item set, `update` or `+=` items added."""

    how: str
    item: ast.expr | None
    given: Assigned
    sure: bool
    """It happens on every way through the code."""


class Held(NamedTuple):
    """What a name may hold."""

    places: tuple[Assigned | Link, ...] = ()
    absent: bool = True
    """It may be unbound."""
    unreadable: bool = False
    """It may be something that can't be told."""
    changes: tuple[InPlace, ...] = ()


ABSENT_VALUE: Final = Held()
UNREADABLE_VALUE: Final = Held((), False, True)


class ScopeNames:
    """The names of a scope at one point; a branch is a layer over what was before it."""

    __slots__ = ("_now", "_opaque_since", "names", "parent")

    def __init__(self, parent: ScopeNames | None = None) -> None:
        self.parent = parent
        self.names: dict[str, tuple[int, Held]] = {}
        self._now = 1
        self._opaque_since = 0

    @property
    def opaque(self) -> bool:
        """Whether names may have been bound that nothing shows."""
        return self._opaque_since > 0

    def get(self, name: str) -> Held:
        """What `name` may hold here."""
        layer: ScopeNames | None = self
        opaque = False
        while layer is not None:
            found = layer.names.get(name)
            if found is not None:
                opaque = opaque or found[0] <= layer._opaque_since
                return found[1]._replace(unreadable=True) if opaque else found[1]
            opaque = opaque or layer.opaque
            layer = layer.parent
        return Held((), True, True) if opaque else ABSENT_VALUE

    def set(self, name: str, value: Held) -> None:
        """Bind `name`."""
        self.names[name] = (self._now + 1, value)

    def change(self, name: str, change: InPlace | None) -> None:
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

    def overlay(self, other: ScopeNames, takes: Callable[[str], bool] | None = None) -> None:
        """Bind what another scope may hold over what is here; only the names that `takes` takes."""
        if other.opaque:
            self.taint()
        for name in list(other.names):
            if takes is not None and not takes(name):
                continue
            value = other.get(name)
            if value.absent:
                value = held_by_any((value._replace(absent=False), self.get(name)))
            self.set(name, value)

    def join(self, branches: Sequence[ScopeNames]) -> None:
        """Go on with what holds after any of the branches."""
        if any(branch.opaque for branch in branches):
            self.taint()
        names = dict.fromkeys(name for branch in branches for name in branch.names)
        for name in names:
            self.set(name, held_by_any(branch.get(name) for branch in branches))


def held_by_any(values: Iterable[Held]) -> Held:
    """The value that is one of several."""
    given = list(values)
    if len(given) == 1:
        return given[0]
    places = tuple(dict.fromkeys(place for value in given for place in value.places))
    changes = tuple(dict.fromkeys(change for value in given for change in value.changes))
    everywhere = [change for change in changes if all(change in v.changes for v in given)]
    return Held(
        places[:MAX_PLACES],
        any(value.absent for value in given),
        any(value.unreadable for value in given) or len(places) > MAX_PLACES,
        tuple(c if c in everywhere else c._replace(sure=False) for c in changes),
    )


class StatementFlow:
    """Follows statements in the order in which they run; subclasses say what a statement does."""

    def block(self, body: Sequence[ast.stmt], names: ScopeNames, depth: int = 0) -> bool:
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
                inner = ScopeNames(names)
                if not isinstance(statement, ast.While):
                    self.bind(statement.target, names, statement)
                self.block(statement.body, inner, depth + 1)
                names.join([ScopeNames(names), inner])
                self.block(statement.orelse, names, depth + 1)
            elif isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, names, statement)
                if not self.block(statement.body, names, depth + 1):
                    return False
            elif isinstance(statement, ast.Match):
                arms = [ScopeNames(names)]
                for case in statement.cases:
                    inner = ScopeNames(names)
                    if self.block(case.body, inner, depth + 1):
                        arms.append(inner)
                names.join(arms)
            else:
                self.simple(statement, names)
        return True

    def _branches(self, statement: ast.If, names: ScopeNames, depth: int) -> bool:
        arms: list[ScopeNames] = []
        rest: list[ast.stmt] = [statement]
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            branch = rest[0]
            inner = ScopeNames(names)
            if self.block(branch.body, inner, depth + 1):
                arms.append(inner)
            rest = branch.orelse
        inner = ScopeNames(names)
        if self.block(rest, inner, depth + 1):
            arms.append(inner)
        if not arms:
            return False
        names.join(arms)
        return True

    def _try(self, statement: ast.Try, names: ScopeNames, depth: int) -> bool:
        tried = ScopeNames(names)
        arms: list[ScopeNames] = []
        goes_on = self.block(statement.body, tried, depth + 1)
        for handler in statement.handlers:
            inner = ScopeNames(names)
            inner.join([ScopeNames(names), tried])
            if self.block(handler.body, inner, depth + 1):
                arms.append(inner)
        if goes_on and self.block(statement.orelse, tried, depth + 1):
            arms.append(tried)
        if not arms:
            return False
        names.join(arms)
        return self.block(statement.finalbody, names, depth + 1)

    def bind(self, target: ast.expr, names: ScopeNames, statement: ast.stmt) -> None:
        """A loop or `with` binds the target."""

    def simple(self, statement: ast.stmt, names: ScopeNames) -> None:
        """Run a statement that holds no other."""
        raise NotImplementedError
