"""Calls over the network that a task makes one after the other though none needs another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.bodies.called import Body, called_bodies
from flake8_celery.core.bodies.sessions import wait_of
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.flow import walk
from flake8_celery.record import NamedTuple
from flake8_celery.tables.blocking import NETWORK_WORDS

_LOOPS: Final = (ast.For, ast.AsyncFor)
_GATHERERS: Final = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Sequence(NamedTuple):
    """Independent calls in a row, or one (or more) of a loop; `names` for messages."""

    calls: list[ast.Call]
    names: list[str]
    looped: bool


def sequences(task: Task, own: Body, model: Model, limit: int) -> Iterator[Sequence]:
    """The sequences in a task's own body whose answers are put together."""
    names = _network_calls(task, own, model)
    if not names:
        return
    for node in walk(own.function.body):
        if isinstance(node, _LOOPS) and _asks_per_item(node, names, own, limit):
            calls = [inner for inner in _inside(node.body) if inner in names]
            yield Sequence(calls, [names[call] for call in calls], True)
        elif isinstance(node, _COMPREHENSIONS):
            calls = [inner for inner in _inside(_repeated(node)) if inner in names]
            if calls and not _is_short(node.generators[0].iter, limit):
                yield Sequence(calls, [names[call] for call in calls], True)
    for block in _blocks(own.function):
        calls = _in_a_row(block, names, own.function)
        if len(calls) >= limit:
            yield Sequence(calls, [names[call] for call in calls], False)


def _network_calls(task: Task, own: Body, model: Model) -> dict[ast.Call, str]:
    """The calls of the task's own body that go over the network, with what each is called."""
    found: dict[ast.Call, str] = {}
    if any(map(model.module.says, NETWORK_WORDS)):
        for call in own.calls:
            told = wait_of(call, model)
            if told is not None and told[1].network:
                found[call.node] = "fetch"
    for through, body in called_bodies(task, model, NETWORK_WORDS):
        for call in body.calls:
            told = wait_of(call, body.model)
            if told is not None and told[1].network:
                found[through.node] = body.function.name
                break
    return found


def _inside(nodes: list[ast.AST] | list[ast.stmt]) -> Iterator[ast.Call]:
    return (node for node in walk(nodes) if isinstance(node, ast.Call))


def _repeated(node: ast.expr) -> list[ast.AST]:
    """What a comprehension works out for each item."""
    if isinstance(node, ast.DictComp):
        return [part for part in (node.key, node.value) if part is not None]
    return [node.elt] if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) else []


def _is_short(node: ast.expr, limit: int) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return len(node.elts) < limit
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range" and node.args:
        last = node.args[min(1, len(node.args) - 1)]
        return isinstance(last, ast.Constant) and isinstance(last.value, int) and last.value < limit
    return False


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, context)
    }


def _asks_per_item(
    loop: ast.For | ast.AsyncFor, names: dict[ast.Call, str], own: Body, limit: int
) -> bool:
    """Whether each turn asks for itself, and what it gets is gathered and read afterwards."""
    if _is_short(loop.iter, limit):
        return False
    nodes = list(walk(loop.body))
    if any(isinstance(node, (ast.Break, ast.Return, ast.Yield, ast.Raise)) for node in nodes):
        return False
    calls = [node for node in nodes if isinstance(node, ast.Call) and node in names]
    if not calls:
        return False
    answers = _tainted(loop.body, set(calls))
    if any(_names(call, ast.Load) & answers for call in calls):
        return False  # the next turn needs the answer of this one
    gathered = {
        name
        for node in nodes
        for name in _gathered(node)
        if _names(node, ast.Load) & answers or any(inner in calls for inner in ast.walk(node))
    }
    gathered -= _names(loop.target, ast.Store)
    return bool(gathered & _read_after(own.function, loop))


def _tainted(body: list[ast.stmt], calls: set[ast.Call]) -> set[str]:
    """The names that hold answers, or what is made of them."""
    found: set[str] = set()
    for _ in range(2):
        for node in walk(body):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                if _names(node.value, ast.Load) & found or any(
                    inner in calls for inner in ast.walk(node.value)
                ):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    for target in targets:
                        if not isinstance(target, (ast.Subscript, ast.Attribute)):
                            found |= _names(target, ast.Store)
    return found


def _gathered(node: ast.AST) -> Iterator[str]:
    """The names that a node adds something to."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _GATHERERS and isinstance(node.func.value, ast.Name):
            yield node.func.value.id
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                yield target.value.id


def _read_after(function: ast.AST, node: ast.AST) -> set[str]:
    """The names that a function reads below a node."""
    end = getattr(node, "end_lineno", 0)
    return {
        inner.id
        for inner in ast.walk(function)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.lineno > end
    }


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in (function, *walk(function.body)):  # type: ignore[attr-defined]
        if node is not function and isinstance(node, (ast.FunctionDef, ast.ClassDef, *_LOOPS)):
            continue
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _in_a_row(
    block: list[ast.stmt], names: dict[ast.Call, str], function: ast.AST
) -> list[ast.Call]:
    """The calls that statements of one block make for answers that don't need each other.

    Empty unless their answers are read below, two of them at least.
    """
    row: list[ast.Call] = []
    answers: set[str] = set()
    first: set[str] = set()
    last: ast.stmt | None = None
    for statement in block:
        calls = [node for node in _inside([statement]) if node in names]
        needs = bool(_names(statement, ast.Load) & answers)
        if calls and needs:
            break
        if calls and isinstance(statement, ast.Assign):
            row += calls
            last = statement
            bound = {n for target in statement.targets for n in _names(target, ast.Store)}
            first |= bound
            answers |= bound
        elif needs and isinstance(statement, (ast.Assign, ast.AnnAssign)):
            answers |= _names(statement, ast.Store)
        elif needs and any(
            isinstance(node, (ast.Return, ast.Raise, ast.Break, ast.Continue))
            for node in walk([statement])
        ):
            break  # what comes next depends on an answer
    if last is None or len(first & _read_after(function, last)) < min(2, len(first)):
        return []
    return row
