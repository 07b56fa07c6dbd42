"""The values that a name holds where it is read.

A list, dict or set that is changed step by step is followed as long as nothing else can hold it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, Final

from flake8_celery.core.syntax.regions import FUNCTION, Binding, Region, Scope
from flake8_celery.core.values import changes
from flake8_celery.core.values.flowing import (
    UNBOUND,
    Flow,
    State,
    Unbound,
    UnclearError,
    holds,
    join,
    occurrences,
    spans,
)
from flake8_celery.core.values.inplace import changed, changes_in_place, copied
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.sequences import is_orderless, items_of, may_grow
from flake8_celery.core.values.unknown import (
    CLOSED,
    MAX_DEPTH,
    MAX_STEPS,
    MAX_VALUES,
    UNKNOWN,
    Stream,
    Unknown,
    Values,
    unknown_of,
)

MAX_ROUNDS: Final = 60
#: A name that one scope binds more often is not followed: each use would walk through all of them.
MAX_BOUND: Final = 20


def flowing(resolver: Resolver, node: ast.Name, region: Region, scope: Scope, depth: int) -> Values:
    """The values that a name has where `node` stands in `region`; `scope` binds it.

    Where `node` is not one of the scope's own nodes, all that it ever has.
    """
    key = (node, scope)
    root = resolver.root
    if key in root.flows:
        root.cycles += 1
        return UNKNOWN
    if not isinstance(getattr(scope.node, "body", None), list):
        return UNKNOWN
    if len(scope.bindings.get(node.id, ())) > MAX_BOUND:
        return UNKNOWN
    asked = node, root.recording, root.judging
    unfound = root.unfound.get(asked)
    if unfound is not None:
        return unfound
    known = resolver.flowed.get((node, root.recording))
    cycles = root.cycles
    found = known if known is not None else _found(resolver, node, region, scope, depth)
    alone = not resolver.given and not resolver.rounds
    unknown = [value for value in found if isinstance(value, Unknown)]
    if unknown:
        reason = unknown_of(*unknown)
        # what only this question could not tell, another may
        if alone and root.cycles == cycles and root.steps <= MAX_STEPS and depth < MAX_DEPTH // 2:
            root.unfound[asked] = reason
        return reason
    if known is None and found and alone:
        resolver.flowed[node, root.recording] = found
    if any(isinstance(value, (list, dict, set)) for value in found):
        if depth > 1 and _is_shared(resolver, node, scope):
            # what takes it up here holds the same object
            return CLOSED
        if root is not resolver and node.id in changes.changes(root).containers:
            return CLOSED
    return found if 0 < len(found) <= MAX_VALUES else UNKNOWN


def _found(
    resolver: Resolver, node: ast.Name, region: Region, scope: Scope, depth: int
) -> tuple[object, ...]:
    """As `flowing`, what isn't known among it."""
    key = (node, scope)
    root, assumed = resolver.root, resolver.assumed
    root.flows.add(key)
    resolver.assumed = {}
    try:
        return _Held(resolver, node, region, scope, depth).answer()
    except UnclearError:
        return (UNKNOWN,)
    finally:
        root.flows.discard(key)
        resolver.assumed = assumed


def _is_shared(resolver: Resolver, node: ast.Name, scope: Scope) -> bool:
    """Tell whether another name or container takes up the object where the use stands."""
    for at in occurrences(resolver, scope, node.id):
        if at.node is node:
            if isinstance(at.parent, ast.Return) and scope.kind is FUNCTION:
                return False
            return not changes.only_read(at.node, at.parent, at.above)
    return False


class _Held(Flow):
    """Which values it has."""

    def given(self, binding: Binding, state: State) -> State:
        source = binding.value or getattr(binding.node, "iter", None)
        if binding.how == "unpack":
            source = getattr(binding.node, "value", None)
        own = [
            o.node
            for o in self.occurrences
            if source is not None and holds(source, o.node) and isinstance(o.node.ctx, ast.Load)
        ]

        def bound() -> Values:
            return self.resolver.fold_binding(binding, self.depth, self.name)

        return self.folded(own, state, bound)

    def grown(self, binding: Binding, state: State) -> State:
        node = binding.node
        assert isinstance(node, ast.AugAssign)
        return self.changed(node, state)

    def touched(self, statement: ast.AST, state: State) -> State:
        if not any(isinstance(value, (list, dict, set)) for value in state):
            return state
        for at in self.occurrences:
            if not spans(statement, at.node) or changes.only_read(at.node, at.parent, at.above):
                continue
            if isinstance(at.parent, ast.AugAssign) and at.parent is statement:
                continue  # it is bound anew, see `grown`
            if not holds(statement, at.node) or self.ends_here(statement):
                continue
            if changes_in_place(statement, at.node):
                state = self.changed(statement, state)
            elif any(isinstance(value, (list, dict, set)) for value in state):
                return (CLOSED,)
        return state

    def ends_here(self, statement: ast.AST) -> bool:
        return isinstance(statement, ast.Return) and self.scope.kind is FUNCTION

    def changed(self, statement: ast.AST, state: State) -> State:
        """What it holds once the statement has changed it in place, or added to it."""
        own = [o.node for o in self.occurrences if holds(statement, o.node)]
        found: State = ()
        for value in state:
            if isinstance(value, (Unknown, Unbound)):
                found = join(found, (value,) if isinstance(value, Unknown) else ())
                continue

            def made(value: object = value) -> Values:
                return changed(self.resolver, statement, copied(value), self.scope, self.depth)

            found = join(found, self.folded(own, (value,), made))
        return found

    def folded(self, own: Sequence[ast.Name], state: State, ask: Any) -> State:
        """What `ask` answers while the name itself, at these places, holds `state`."""
        unknown = [value for value in state if isinstance(value, Unknown)]
        held: Values = tuple(value for value in state if value is not UNBOUND)
        if unknown:
            held = unknown[0]
        assumed = self.resolver.assumed
        before = {node: assumed.get(node) for node in own}
        for node in own:
            assumed[node] = held or UNKNOWN
        try:
            values: Values = ask()
        finally:
            for node, was in before.items():
                if was is None:
                    del assumed[node]
                else:
                    assumed[node] = was
        if isinstance(values, Unknown):
            return (values,)
        if any(isinstance(value, Stream) for value in values):
            return (CLOSED,)
        return join((), values) if len(values) <= MAX_VALUES else (UNKNOWN,)

    def items(self, node: ast.For | ast.AsyncFor | ast.While) -> list[object] | None:
        if not isinstance(node, ast.For) or may_grow(self.resolver, node, self.scope):
            return None
        asked = node in self.resolver.rounds
        if not asked and not any(self.is_changed_in(statement) for statement in node.body):
            return None
        values = self.resolver.folded(self.resolver, node.iter, self.scope, self.depth + 1)
        if isinstance(values, Unknown) or len(values) != 1 or is_orderless(values[0]):
            return None
        items = items_of(values[0])
        return items if items is not None and len(items) <= MAX_ROUNDS else None

    def is_changed_in(self, statement: ast.stmt) -> bool:
        """Tell whether a statement binds the name, or changes what it holds."""
        return any(
            spans(statement, at.node)
            and not (
                isinstance(at.node.ctx, ast.Load)
                and changes.only_read(at.node, at.parent, at.above)
            )
            for at in self.occurrences
        )
