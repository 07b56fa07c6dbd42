"""What a name holds where it is read, by the statements that lead there.

One interpreter of statements, asked in two ways: which bindings reach a use (`reaching`), and which
values (`flowing`, in `held`). Branches are joined, loops gone round until nothing is added, a `try`
may end after any of its statements, a handler's name dies with its handler.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from flake8_celery.core.syntax.flow import INNER
from flake8_celery.core.syntax.regions import (
    FUNCTION,
    LAMBDA,
    MODULE,
    Binding,
    DefinitionNode,
    Region,
    Scope,
)
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.sequences import (
    giving,
    taken_apart,
)
from flake8_celery.core.values.unknown import (
    MAX_VALUES,
    UNKNOWN,
    Unknown,
    distinct,
    unknown_of,
)
from flake8_celery.notes import Slot

MAX_STATEMENTS: Final = 4000
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_TRIES: Final = (ast.Try, getattr(ast, "TryStar", ast.Try))
_COMPOUND: Final = (*_LOOPS, *_TRIES, ast.If, ast.With, ast.AsyncWith, ast.Match)
_LEAVING: Final = (ast.Break, ast.Continue, ast.Return, ast.Raise)
#: What the context managers are called that keep an exception to themselves.
_SUPPRESSING: Final = ("suppress", "ignor", "raises", "swallow", "catch", "silenc")

State = tuple[object, ...]
"""What a name may hold; empty where control never comes."""


class Unbound:
    """A name that nothing has bound yet, or that was deleted."""

    def __repr__(self) -> str:
        return "unbound"


UNBOUND: Final = Unbound()


class UnclearError(Exception):
    """The flow of a name can't be told."""


class Occurrence:
    """A name as it stands in a scope, with the two nodes above it."""

    __slots__ = ("above", "node", "parent")

    def __init__(self, node: ast.Name, parent: ast.AST, above: ast.AST) -> None:
        self.node, self.parent, self.above = node, parent, above


_OCCURRENCES: Final[Slot[dict[ast.AST, dict[str, list[Occurrence]]]]] = Slot(dict)


def occurrences(resolver: Resolver, scope: Scope, name: str) -> list[Occurrence]:
    known = _OCCURRENCES.of(resolver.notes)
    found = known.get(scope.node)
    if found is None:
        found = known[scope.node] = {}
        stack: list[tuple[ast.AST, ast.AST]] = [(scope.node, scope.node)]
        while stack:
            node, above = stack.pop()
            for field in INNER[type(node)]:
                value: Any = getattr(node, field, None)
                for child in value if type(value) is list else (value,):
                    if type(child) is ast.Name:
                        found.setdefault(child.id, []).append(Occurrence(child, node, above))
                    elif isinstance(child, ast.AST):
                        stack.append((child, node))
    return found.get(name, [])


def reaching(
    resolver: Resolver, node: ast.Name, region: Region, found: Sequence[Binding]
) -> Sequence[Binding]:
    """Those of the bindings `found` of a name that may hold where `node` stands."""
    scope = found[0].scope
    known = resolver.reached.get(node)
    if known is None:
        known = found
        if isinstance(getattr(scope.node, "body", None), list) and node.lineno:
            try:
                flow = _Reaching(resolver, node, region, scope, 0)
                known = [b for b in flow.answer() if isinstance(b, Binding)] or found
            except UnclearError:
                pass
        resolver.reached[node] = known
    return known


def join(one: State, other: State) -> State:
    if not one or one == other:
        return other
    if not other:
        return one
    joined = distinct((*one, *other))
    for value in joined:
        if isinstance(value, Unknown):
            return (unknown_of(*(v for v in joined if isinstance(v, Unknown))),)
    return joined if len(joined) <= MAX_VALUES + 1 else (UNKNOWN,)


class Flow:
    """One name through the statements of a scope."""

    def __init__(
        self, resolver: Resolver, use: ast.Name, region: Region, scope: Scope, depth: int
    ) -> None:
        self.resolver = resolver
        self.name = use.id
        self.use = use
        self.scope = scope
        self.depth = depth
        self.held: State = ()
        """All that it ever holds."""
        self.at: State | None = None
        """What it holds where the use stands."""
        self.deferred = _is_deferred(region, scope)
        self.later = False
        """The use stands in a function that is defined by now: it may run at any time."""
        self.steps = 0
        self.again: list[State] = []
        """What `continue` takes to the head of each loop around."""
        self.out: list[State] = []
        """What `break` takes behind each loop around."""
        self.raised: list[State] = []
        """What an exception may take out of each `try` around."""
        self.occurrences = occurrences(resolver, scope, self.name)
        self.bound: dict[ast.AST, list[Binding]] = {}
        self.walruses: list[Binding] = []
        for binding in scope.bindings.get(self.name, ()):
            if binding.node is scope.node:
                # `global` in some function: it may be set at any time
                raise UnclearError
            if binding.how == "walrus":
                self.walruses.append(binding)
            self.bound.setdefault(binding.node, []).append(binding)
        self.lines = {o.node.lineno for o in self.occurrences}
        self.lines |= {getattr(node, "lineno", 0) for node in self.bound}
        self.lines.add(use.lineno)

    # -- what the two ways to ask differ in

    def given(self, binding: Binding, state: State) -> State:
        """What a binding makes it hold."""
        raise NotImplementedError

    def grown(self, binding: Binding, state: State) -> State:
        """What `name += value` makes it hold."""
        raise NotImplementedError

    def touched(self, statement: ast.AST, state: State) -> State:
        """What it holds once a statement that mentions it has run."""
        return state

    # -- the walk

    def answer(self) -> State:
        """What it holds at the use."""
        parameters = [b for node in self.bound for b in self.bound[node] if b.how == "parameter"]
        state: State = self.given(parameters[0], ()) if parameters else (UNBOUND,)
        self.note(state)
        end = self.block(self.scope.node.body, state)  # type: ignore[attr-defined]
        found = self.at
        if found is None:
            found = end if not self.use.lineno and self.scope.kind is MODULE and end else self.held
        bound = tuple(value for value in found if value is not UNBOUND)
        if len(bound) < len(found) and (not bound or self.scope.kind not in (FUNCTION, MODULE)):
            raise UnclearError
        return bound

    def note(self, state: State) -> None:
        """Take down what it may hold from here on."""
        if state:
            self.held = join(self.held, state)
            if self.later:
                self.at = join(self.at or (), state)
            for number, before in enumerate(self.raised):
                self.raised[number] = join(before, state)

    def bind(self, node: ast.AST, state: State) -> State:
        """What it holds once the target of `node` is bound."""
        bindings = self.bound.get(node)
        if not bindings or not state:
            return state
        found: State = ()
        for binding in bindings:
            if binding.how == "delete":
                found = join(found, (UNBOUND,))
            elif binding.how == "augment":
                found = join(found, self.grown(binding, state))
            elif binding.how == "unknown":
                found = join(found, state)  # a mere annotation
            else:
                found = join(found, self.given(binding, state))
        self.note(found)
        return found

    def block(self, body: Sequence[ast.stmt], state: State) -> State:
        """The state after a block."""
        for statement in body:
            if not state:
                return state
            if self.is_beside(statement):
                continue
            self.steps += 1
            self.resolver.root.steps += 1
            if self.steps > MAX_STATEMENTS:
                raise UnclearError
            state = self.statement(statement, state)
        return state

    def is_beside(self, node: ast.stmt) -> bool:
        """Tell whether a statement neither mentions the name nor leads elsewhere."""
        if isinstance(node, _LEAVING) or (isinstance(node, _COMPOUND) and self.again):
            return False
        first, last = node.lineno, node.end_lineno or node.lineno
        if isinstance(node, DefinitionNode) and node.decorator_list:
            first = min(first, node.decorator_list[0].lineno)
        if first == last:
            return first not in self.lines
        return not any(first <= line <= last for line in self.lines)

    def expression(self, nodes: Iterable[ast.AST | None], state: State) -> State:
        """The state after some expressions, or whole statements, are evaluated."""
        present = [node for node in nodes if node is not None]
        during = state
        if self.walruses:
            for binding in self.walruses:
                if any(holds(node, binding.node) for node in present):
                    during = join(during, self.given(binding, state))
            self.note(during)
        if any(holds(node, self.use) for node in present):
            self.at = join(self.at or (), during)
            self.later = self.later or self.deferred
        for node in present:
            during = self.touched(node, during)
        if during is not state:
            self.note(during)
        return during

    def statement(self, node: ast.stmt, state: State) -> State:
        """The state after one statement."""
        if isinstance(node, ast.If):
            state = self.expression([node.test], state)
            return join(self.block(node.body, state), self.block(node.orelse, state))
        if isinstance(node, _LOOPS):
            return self.loop(node, state)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return self.within(node, state)
        if isinstance(node, ast.Match):
            return self.match(node, state)
        if isinstance(node, _TRIES):
            return self.attempt(node, state)
        state = self.expression([node], state)
        if isinstance(node, (ast.Return, ast.Raise)):
            return ()
        if isinstance(node, (ast.Break, ast.Continue)):
            leads = self.out if isinstance(node, ast.Break) else self.again
            if leads:
                leads[-1] = join(leads[-1], state)
            return ()
        return self.bind(node, state)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, state: State) -> State:
        """The state after a loop, gone round until nothing is added."""
        items = self.items(node)
        if items is not None:
            return self.unrolled(node, items, state)  # type: ignore[arg-type]
        test = node.test if isinstance(node, ast.While) else None
        head = self.expression([test or node.iter], state)  # type: ignore[union-attr]
        broken: State = ()
        for _ in range(MAX_VALUES + 3):
            self.again.append(())
            self.out.append(())
            after = self.block(node.body, self.bind(node, head))
            after = join(after, self.again.pop())
            broken = join(broken, self.out.pop())
            if test is not None and after:
                after = self.expression([test], after)
            more = join(head, after)
            if more == head:
                return join(self.block(node.orelse, head), broken)
            head = more
        raise UnclearError

    def items(self, node: ast.For | ast.AsyncFor | ast.While) -> list[object] | None:
        """What a loop goes through, where that is known and matters."""
        return None

    def unrolled(self, node: ast.For, items: list[object], state: State) -> State:
        """The state after a loop over known items, gone through one by one."""
        resolver = self.resolver
        state = self.expression([node.iter], state)
        broken: State = ()
        asked = resolver.rounds.get(node)
        before = self.at
        for number, item in enumerate(items):
            self.again.append(())
            self.out.append(())
            resolver.rounds[node] = number
            try:
                with giving(resolver, node, taken_apart(node.target, item)):
                    state = self.block(node.body, self.bind(node, state))
            except LookupError as error:
                raise UnclearError from error
            finally:
                if asked is None:
                    del resolver.rounds[node]
                else:
                    resolver.rounds[node] = asked
                state = join(state, self.again.pop())
                broken = join(broken, self.out.pop())
            if asked is not None and not self.later:
                # another name is asked for in one round of the same loop
                if number == asked:
                    break
                self.at = before
        return join(self.block(node.orelse, state), broken)

    def within(self, node: ast.With | ast.AsyncWith, state: State) -> State:
        """The state after a `with`."""
        suppressing = False
        for item in node.items:
            state = self.bind(item, self.expression([item.context_expr], state))
            text = ast.unparse(getattr(item.context_expr, "func", item.context_expr)).lower()
            suppressing = suppressing or any(word in text for word in _SUPPRESSING)
        if not suppressing:
            return self.block(node.body, state)
        self.raised.append(state)
        after = self.block(node.body, state)
        return join(after, self.raised.pop())

    def match(self, node: ast.Match, state: State) -> State:
        """The state after a `match`."""
        state = self.expression([node.subject], state)
        after: State = ()
        for case in node.cases:
            captured = state
            for pattern in ast.walk(case.pattern):
                if pattern in self.bound:
                    captured = self.bind(pattern, state)
            captured = self.expression([case.pattern, case.guard], captured)
            after = join(after, self.block(case.body, captured))
            state = join(state, captured)
            pattern = case.pattern
            if case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
                return after
        return join(after, state)

    def attempt(self, node: Any, state: State) -> State:
        """The state after a `try`: an exception may come before and after each statement."""
        if node.finalbody and self.again and any(self.is_within(s) for s in node.finalbody):
            raise UnclearError  # `break` goes through it
        self.raised.append(state)
        after = self.block(node.body, state)
        seen = self.raised.pop()
        ends: list[State] = []
        # what is raised in a handler or the `else` goes through the `finally` too
        self.raised.append(seen)
        for handler in node.handlers:
            caught = self.expression([handler.type], seen)
            left = self.block(handler.body, self.bind(handler, caught))
            if handler in self.bound and left:
                left = (UNBOUND,)
                self.note(left)
            ends.append(left)
        ends.append(self.block(node.orelse, after))
        seen = self.raised.pop()
        after = ()
        for left in ends:
            after = join(after, left)
        if not node.finalbody:
            return after
        self.block(node.finalbody, join(after, seen))
        return self.block(node.finalbody, after)

    def is_within(self, node: ast.stmt) -> bool:
        return any(node.lineno <= line <= (node.end_lineno or 0) for line in self.lines)


class _Reaching(Flow):
    """Which bindings hold."""

    def given(self, binding: Binding, state: State) -> State:
        return (binding,)

    def grown(self, binding: Binding, state: State) -> State:
        return (binding,)


def _is_deferred(region: Region, scope: Region) -> bool:
    """Tell whether what stands in `region` runs later than the statements of `scope` around it."""
    for inner in region:
        if inner is scope:
            return False
        if inner.kind is FUNCTION or inner.kind is LAMBDA:
            return True
        if isinstance(inner.node, ast.GeneratorExp):
            return True
    return False


def spans(node: ast.AST, inner: ast.AST) -> bool:
    first = getattr(node, "lineno", 0)
    if isinstance(node, DefinitionNode) and node.decorator_list:
        first = min(first, node.decorator_list[0].lineno)
    return first <= getattr(inner, "lineno", 0) <= (getattr(node, "end_lineno", None) or 0)


def holds(node: ast.AST, inner: ast.AST) -> bool:
    """Tell whether one node stands somewhere in another."""
    return node is inner or (spans(node, inner) and any(n is inner for n in _inside(node)))


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    return ast.walk(node)
