"""Questions about control flow that rules ask; they walk no bodies themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.core.syntax.regions import FunctionNode

_NESTED = frozenset({*FunctionNode, ast.Lambda, ast.ClassDef})
_EXITS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


#: Fields that hold an operator, a context, a text or a number.
_PLAIN = frozenset(
    {
        *("ctx", "op", "ops", "id", "attr", "arg", "module", "level", "asname", "type_comment"),
        *("kind", "conversion", "simple", "is_async", "rest"),
    }
)


class _Inner(dict[type, tuple[str, ...]]):
    def __missing__(self, cls: type[ast.AST]) -> tuple[str, ...]:
        self[cls] = tuple(name for name in cls._fields if name not in _PLAIN)
        if cls is ast.Constant:
            self[cls] = ()
        return self[cls]


INNER: Final = _Inner()
"""Class of node -> its fields that may hold other nodes."""


def walk(body: Sequence[ast.AST], *, nested: bool = False) -> Iterator[ast.AST]:
    """Every node of these statements in order, operators and contexts aside.

    Functions and classes inside only with `nested`.
    """
    stack: list[ast.AST] = list(reversed(body))
    push, pop, inner = stack.append, stack.pop, INNER
    while stack:
        node = pop()
        yield node
        cls = type(node)
        if not nested and cls in _NESTED:
            continue
        start = len(stack)
        for name in inner[cls]:
            value = getattr(node, name, None)
            if type(value) is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        push(item)
            elif value is not None and isinstance(value, ast.AST):
                push(value)
        if len(stack) > start + 1:
            stack[start:] = stack[: start - 1 if start else None : -1]


def always_exits(body: Sequence[ast.stmt]) -> bool:
    """Tell whether control never runs off the end of this block."""
    for statement in body:
        if isinstance(statement, _EXITS):
            return True
        if isinstance(statement, ast.If):
            if statement.orelse and always_exits(statement.body) and always_exits(statement.orelse):
                return True
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            if always_exits(statement.body):
                return True
        elif isinstance(statement, ast.Try):
            if always_exits(statement.finalbody):
                return True
            ends = always_exits(statement.body) or always_exits(statement.orelse)
            if ends and all(always_exits(handler.body) for handler in statement.handlers):
                return True
    return False


def raises(body: Sequence[ast.stmt]) -> bool:
    """Tell whether a `raise` stands anywhere in this block, functions inside it left out."""
    return any(isinstance(node, ast.Raise) for node in walk(body))


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The expressions that a function returns, those of functions inside it left out."""
    return [
        node.value
        for node in walk(function.body)
        if isinstance(node, ast.Return) and node.value is not None
    ]


def escapes(body: Sequence[ast.stmt], name: str) -> bool:
    """Tell whether the object called `name` is handed on: passed, stored, returned or splatted.

    Reading its attributes, calling it and its methods is no handing on.
    """
    for node in walk(body, nested=True):
        for child in ast.iter_child_nodes(node):
            if (
                isinstance(child, ast.Name)
                and child.id == name
                and isinstance(child.ctx, ast.Load)
                and not isinstance(node, ast.Attribute)
                and not (isinstance(node, ast.Call) and node.func is child)
            ):
                return True
    return False


def attributes_read(body: Sequence[ast.stmt], name: str) -> set[str]:
    """The attributes of `name` that a body reads or calls, functions inside it included."""
    return {
        node.attr
        for node in walk(body, nested=True)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def names_used(body: Sequence[ast.AST]) -> set[str]:
    """Every name loaded in these statements, functions inside them included."""
    return {node.id for node in walk(body, nested=True) if isinstance(node, ast.Name)}


_READING = frozenset({"get", "items", "keys", "values", "copy", "index", "count"})


def _taking_all(method: ast.AST) -> tuple[str, str, str] | None:
    """The names of `(self, *args, **kwargs)`; None where a method takes anything else."""
    if not isinstance(method, ast.FunctionDef) or method.decorator_list:
        return None
    given = method.args
    first = [*given.posonlyargs, *given.args]
    if len(first) != 1 or given.kwonlyargs or given.vararg is None or given.kwarg is None:
        return None
    return first[0].arg, given.vararg.arg, given.kwarg.arg


def passes_arguments_on(method: ast.AST) -> bool:
    """Tell whether a method surely calls what it overrides with the very arguments it was given.

    `def __call__(self, *args, **kwargs)` whose body gives `*args, **kwargs` and nothing else to
    `super().__call__`, `Base.__call__(self, ...)` or `self.run`, and reads them otherwise at most.
    """
    names = _taking_all(method)
    if names is None:
        return False
    assert isinstance(method, ast.FunctionDef)
    own, args, kwargs = names
    passed = False
    harmless: set[ast.AST] = set()
    for node in walk(method.body, nested=True):
        if isinstance(node, ast.Call):
            if _hands_on(node, own, args, kwargs):
                passed = True
                harmless.update(inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
        elif isinstance(node, ast.Attribute) and node.attr in _READING:
            harmless.add(node.value)
    return passed and not any(
        isinstance(node, ast.Name) and node.id in (args, kwargs) and node not in harmless
        for node in walk(method.body, nested=True)
    )


def keeps_itself(method: ast.AST) -> bool:
    """Tell whether a `__call__` surely never gives the task itself to the function.

    It hands `*args, **kwargs` on, with other objects in their places at most: `self` is only read.
    """
    names = _taking_all(method)
    if names is None:
        return False
    assert isinstance(method, ast.FunctionDef)
    own, args, kwargs = names
    harmless: set[ast.AST] = set()
    passed = False
    nodes = list(walk(method.body, nested=True))
    for node in nodes:
        if isinstance(node, ast.Call):
            if _hands_on(node, own, args, kwargs):
                passed = True
                harmless.update(inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
            elif isinstance(node.func, ast.Attribute):
                if isinstance(node.func.value, ast.Name) and node.func.value.id == own:
                    return False
        elif isinstance(node, ast.Attribute):
            if node.attr in _READING or getattr(node.value, "id", "") == own:
                harmless.add(node.value)
        elif isinstance(node, ast.Assign) and _copies(node.value, (args, kwargs)):
            harmless.update((*node.targets, *ast.walk(node.value)))
        elif isinstance(node, ast.Subscript):
            if isinstance(node.ctx, ast.Load) or isinstance(node.slice, ast.Constant):
                if getattr(node.slice, "value", "") != "self":
                    harmless.add(node.value)
        elif isinstance(node, ast.Compare):
            harmless.update(node.comparators)
    return passed and not any(
        isinstance(node, ast.Name)
        and (node.id in (own, args, kwargs) or node.id == "current_task")
        and node not in harmless
        for node in nodes
    )


def _copies(node: ast.expr, names: tuple[str, str]) -> bool:
    """`list(args)`, `dict(kwargs)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("list", "tuple", "dict")
        and not node.keywords
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in names
    )


_ASYNC = frozenset({"asyncio", "anyio", "async_to_sync", "run_until_complete", "isawaitable"})


def keeps_result(method: ast.AST) -> bool:
    """Tell whether a `__call__` calls the function and gives back what it gets, untouched.

    Not where it speaks of asyncio, or does more with the result than keep it and return it.
    """
    if not isinstance(method, ast.FunctionDef) or method.decorator_list:
        return False
    nodes = list(walk(method.body, nested=True))
    if not any(isinstance(node, ast.Call) and _is_on(node) for node in nodes):
        return False
    if not _ASYNC.isdisjoint(
        name
        for node in nodes
        for name in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", ""))
    ):
        return False
    calls = {node for node in nodes if isinstance(node, ast.Call) and _is_on(node)}
    kept: set[str] = set()
    own = list(walk(method.body))  # what a function inside returns may be anything's
    for node in own:
        if isinstance(node, (ast.Return, ast.Expr)):
            calls.discard(node.value)
        elif isinstance(node, ast.Assign) and node.value in calls:
            if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
                return False
            kept.add(node.targets[0].id)
            calls.discard(node.value)
    back = {node.value for node in own if isinstance(node, ast.Return)}
    return not calls and not any(
        isinstance(node, ast.Name)
        and node.id in kept
        and isinstance(node.ctx, ast.Load)
        and node not in back
        for node in nodes
    )


def _is_on(call: ast.Call) -> bool:
    func = call.func
    return isinstance(func, ast.Attribute) and (
        func.attr == "__call__"
        or (
            (func.attr == "run" and isinstance(func.value, (ast.Name, ast.Call)))
            and getattr(func.value, "id", "self") == "self"
        )
    )


def sends_arguments_on(method: ast.AST) -> bool:
    """Tell whether an `apply_async` surely sends the very arguments that it was given.

    `def apply_async(self, args=None, kwargs=None, ...)` or `(self, *args, **kwargs)` whose body
    gives them first to `super().apply_async`, and reads them otherwise at most.
    """
    if not isinstance(method, ast.FunctionDef) or method.decorator_list:
        return False
    given = method.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)][1:3]
    if not names and given.vararg is not None and given.kwarg is not None:
        names = [given.vararg.arg, given.kwarg.arg]
    elif names != ["args", "kwargs"]:
        return False
    nodes = list(walk(method.body, nested=True))
    harmless: set[ast.AST] = set()
    passed = False
    for node in nodes:
        if isinstance(node, ast.Call) and _is_super(node, "apply_async"):
            handed = _first_two(node)
            if [getattr(value, "id", "") for value in handed] != names:
                return False
            passed = True
            harmless.update(handed)
        elif isinstance(node, ast.Attribute) and node.attr in _READING:
            harmless.add(node.value)
    return passed and not any(
        isinstance(node, ast.Name) and node.id in names and node not in harmless for node in nodes
    )


def _is_super(call: ast.Call, name: str) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr == name
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "super"
    )


def _first_two(call: ast.Call) -> list[ast.expr]:
    """What a call gives as `args` and `kwargs`, or hands on as `*args` and `**kwargs`."""
    splats = [node.value for node in call.args if isinstance(node, ast.Starred)]
    if splats:
        return [*splats, *(k.value for k in call.keywords if k.arg is None)]
    named = {k.arg: k.value for k in call.keywords}
    return [*call.args[:2], *(named[name] for name in ("args", "kwargs") if name in named)]


def _hands_on(call: ast.Call, own: str, args: str, kwargs: str) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("__call__", "run"):
        return False
    before = call.args[:-1]
    if func.attr == "__call__" and not isinstance(func.value, ast.Call):
        # Base.__call__(self, *args, **kwargs)
        if len(before) != 1 or not isinstance(before[0], ast.Name) or before[0].id != own:
            return False
    elif before:
        return False
    last = call.args[-1] if call.args else None
    return (
        isinstance(last, ast.Starred)
        and isinstance(last.value, ast.Name)
        and last.value.id == args
        and len(call.keywords) == 1
        and call.keywords[0].arg is None
        and isinstance(call.keywords[0].value, ast.Name)
        and call.keywords[0].value.id == kwargs
    )
