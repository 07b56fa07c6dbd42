"""The values that a name holds where it is read, by the statements before it (`q += "x"`)."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.syntax.regions import DefinitionNode, Region
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import (
    MAX_VALUES,
    UNKNOWN,
    Unknown,
    Values,
    bounded,
    distinct,
)

MAX_STATEMENTS: Final = 4000


def flowing(resolver: Resolver, node: ast.Name, scope: Region, depth: int) -> Values:
    """The values that a name has where `node` stands, by the statements before it (`q += "x"`).

    Where `node` stands elsewhere than in the scope's own statements, all that it ever has.
    """
    body = getattr(scope.node, "body", None)
    if not isinstance(body, list):
        return UNKNOWN
    flow = _Flow(resolver, node, scope, depth)
    try:
        flow.block(body, None)
    except _UnclearError:
        return UNKNOWN
    found = flow.at if flow.at is not None else flow.held
    return found if 0 < len(found) <= MAX_VALUES else UNKNOWN


class _UnclearError(Exception):
    """The flow of a name can't be told."""


State = tuple[object, ...] | None
"""The values that a name may have; empty where control never comes, None while it has none."""


def _join(one: State, other: State) -> State:
    if one == () or other is None:
        return other if one == () else one
    if other == () or one is None:
        # a name that may be unbound dies where it is read
        return one if other == () else other
    return distinct((*one, *other))


class _Flow:
    """One name's values through the statements of a scope."""

    def __init__(self, resolver: Resolver, node: ast.Name, scope: Region, depth: int) -> None:
        self.resolver = resolver
        self.name = node.id
        self.use = node
        self.scope = scope
        self.depth = depth
        self.held: tuple[object, ...] = ()
        """All values so far."""
        self.at: tuple[object, ...] | None = None
        """The values where the use stands."""
        self.steps = 0
        self.again: list[State] = []
        """What `continue` takes to the head of each loop around."""
        self.out: list[State] = []
        """What `break` takes behind each loop around."""

    def block(self, body: list[ast.stmt], state: State) -> State:
        """The state after a block."""
        for statement in body:
            self.steps += 1
            if self.steps > MAX_STATEMENTS:
                raise _UnclearError
            if state == ():
                return state
            state = self.statement(statement, state)
            if state:
                if len(state) > MAX_VALUES:
                    raise _UnclearError
                self.held = distinct((*self.held, *state))
        return state

    def statement(self, node: ast.stmt, state: State) -> State:
        """The state after one statement."""
        if isinstance(node, ast.If):
            self.look(node.test, state)
            return _join(self.block(node.body, state), self.block(node.orelse, state))
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self.loop(node, state)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self.look(item.context_expr, state)
            return self.block(node.body, state)
        if isinstance(node, ast.Match):
            self.look(node.subject, state)
            after = state
            for case in node.cases:
                after = _join(after, self.block(case.body, state))
            return after
        if isinstance(node, DefinitionNode):
            for part in node.decorator_list:
                self.look(part, state)
            return state
        if isinstance(node, ast.Try) or node.__class__.__name__ == "TryStar":
            if _binds(node, self.name):
                raise _UnclearError
            self.look(node, state)
            return state
        self.look(node, state)
        if isinstance(node, (ast.Return, ast.Raise)):
            return ()
        if isinstance(node, (ast.Break, ast.Continue)):
            leads = self.out if isinstance(node, ast.Break) else self.again
            leads[-1] = _join(leads[-1], state)
            return ()
        if isinstance(node, ast.AugAssign) and _is_name(node.target, self.name):
            return self.add(node, state)
        if not _binds(node, self.name):
            return state
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target: ast.expr | None = node.targets[0]
        else:
            target = node.target if isinstance(node, ast.AnnAssign) else None
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if target is None or not _is_name(target, self.name):
            raise _UnclearError
        return self.fold(value) if value is not None else state

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, state: State) -> State:
        """The state after a loop, gone round until nothing is added."""
        self.look(node.test if isinstance(node, ast.While) else node.iter, state)
        broken: State = ()
        for _ in range(MAX_VALUES + 2):
            self.again.append(())
            self.out.append(())
            after = _join(_join(state, self.block(node.body, state)), self.again.pop())
            broken = _join(broken, self.out.pop())
            if after == state:
                return _join(self.block(node.orelse, state), broken)
            state = after
        raise _UnclearError

    def look(self, node: ast.AST, state: State) -> None:
        """Note the state where the use stands."""
        if any(inner is self.use for inner in ast.walk(node)):
            if state is None:
                raise _UnclearError
            self.at = distinct((*(self.at or ()), *state))

    def fold(self, node: ast.expr) -> tuple[object, ...]:
        """The values of an expression that doesn't hold the name itself."""
        if any(_is_name(inner, self.name) for inner in ast.walk(node)):
            raise _UnclearError
        values = self.resolver.fold(node, self.scope, self.depth + 1)
        if isinstance(values, Unknown):
            raise _UnclearError
        if any(isinstance(value, (list, dict, set)) for value in values):
            # one object, that others may hold too
            raise _UnclearError
        return values

    def add(self, node: ast.AugAssign, state: State) -> State:
        """The state after `name += value`."""
        if not state or not isinstance(node.op, ast.Add):
            raise _UnclearError
        found = [left + right for left in state for right in self.fold(node.value)]  # type: ignore[operator]
        if not all(bounded(value) for value in found):
            raise _UnclearError
        return distinct(found)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _binds(statement: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(statement)
    )
