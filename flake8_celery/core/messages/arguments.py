"""What a call gives the task it names: its arguments, however they are written.

`delay(1, x=2)`, `apply_async((1,), {"x": 2})`, `partial(t.delay, 1)` and `send_task("t", [1])` give
the same kind of answer, which `signature.misfit` then holds against the task's parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from flake8_celery.core.contract.binding import TOO_MANY, CallShape, Misfit, Parameters, shape
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FUNCTION, Region
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.record import NamedTuple

#: Methods that take the task's own arguments as they are.
PLAIN_CALL: Final = frozenset({"delay", "delay_on_commit", "s", "si"})
#: Methods that take them as `args` and `kwargs`, and at which position `args` stands.
PACKED: Final = {
    "apply_async": 0,
    "apply_async_on_commit": 0,
    "apply": 0,
    "signature": 0,
    "subtask": 0,
    "send_task": 1,
}
#: Methods whose result may be given more arguments before it is sent.
PARTIAL: Final = frozenset({"s", "signature", "subtask"})
_ITEMS: Final = frozenset({"map", "starmap", "chunks"})
_MAX_ITEMS: Final = 50


class Given(NamedTuple):
    """The arguments that one call gives."""

    call: CallShape
    node: ast.AST
    """What to report where something is missing."""
    positional: tuple[ast.expr, ...] = ()
    """Those in sight before any `*args`."""
    keywords: Mapping[str, ast.AST] = {}
    """The node that names each: a keyword, or the key of a dict."""

    def open(self) -> Given:
        """The same, where more may be given later, before and after these."""
        return self._replace(call=self.call._replace(more_positional=True, more_keywords=True))


def place_of(found: Misfit, parameters: Parameters, given: Given) -> ast.AST | None:
    """The argument at fault: a surplus one, the keyword or key of a wrong one; else None."""
    if found.kind == TOO_MANY:
        index = len(parameters.positional)
        return given.positional[index] if index < len(given.positional) else None
    return given.keywords.get(found.name)


def plain(call: ast.Call, skip: int = 0) -> Given:
    """The arguments as a call writes them, the first `skip` left out."""
    arguments = call.args[skip:]
    seen: list[ast.expr] = []
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            break
        seen.append(argument)
    keywords = {keyword.arg: keyword for keyword in call.keywords if keyword.arg is not None}
    return Given(shape(arguments, call.keywords), call, tuple(seen), keywords)


def packed(
    node: ast.AST,
    args: ast.expr | None,
    kwargs: ast.expr | None,
    region: Region,
    resolver: Resolver,
    *,
    more_args: bool = False,
    more_kwargs: bool = False,
) -> Given:
    """The arguments given as a sequence and a mapping; None for one that is not given.

    `more_args` and `more_kwargs`: it is not in sight, and may be given all the same.
    """
    positional: list[ast.expr] = []
    keywords: dict[str, ast.AST] = {}
    if args is not None:
        found = _literal(args, region, resolver)
        elements = _elements(found) if found is not None else None
        if elements is None:
            more_args = True
        for element in elements or ():
            if isinstance(element, ast.Starred):
                more_args = True
            elif not more_args:
                positional.append(element)
    count = len(positional)
    if args is not None and more_args and positional:
        # those behind a splat count too
        count = sum(not isinstance(e, ast.Starred) for e in elements or ())
    if kwargs is not None:
        found = _literal(kwargs, region, resolver)
        pairs = _pairs(found) if found is not None else None
        if pairs is None:
            more_kwargs = True
        for name, key in pairs or ():
            if name is None:
                more_kwargs = True
            else:
                keywords[name] = key
    call = CallShape(count, frozenset(keywords), more_args, more_kwargs)
    return Given(call, node, tuple(positional), keywords)


def _literal(node: ast.expr, region: Region, resolver: Resolver) -> ast.expr | None:
    """The one display that `node` is or names, unless it may have been changed since."""
    found = resolver.expression(node, region)
    if found is None:
        return None
    literal, scope = found
    if isinstance(literal, ast.Call):
        func = literal.func
        if not isinstance(func, ast.Name) or not scope.is_builtin(func.id):
            return None
    if literal is node or isinstance(literal, (ast.Tuple, ast.Constant)):
        return literal
    return literal if isinstance(node, ast.Name) and _read_once(node, region) else None


def _read_once(node: ast.Name, region: Region) -> bool:
    """Tell whether a function sets this name once and reads it here alone."""
    bindings = region.lookup(node.id)
    if not bindings or len(bindings) != 1 or bindings[0].scope.kind is not FUNCTION:
        return False
    function = bindings[0].scope.node
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    uses = [n for n in walk(function.body, nested=True) if isinstance(n, ast.Name)]
    return sum(use.id == node.id for use in uses) == 2


def _elements(node: ast.expr) -> list[ast.expr] | None:
    if isinstance(node, (ast.Tuple, ast.List)):
        return node.elts
    if isinstance(node, ast.Constant) and node.value is None:
        return []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("list", "tuple") and not node.args and not node.keywords:
            return []
    return None


def _pairs(node: ast.expr) -> list[tuple[str | None, ast.AST]] | None:
    """Each key of a mapping with its node; None as a name for keys that can't be told."""
    if isinstance(node, ast.Dict):
        return [
            (
                key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None,
                key or node,
            )
            for key in node.keys
        ]
    if isinstance(node, ast.Constant) and node.value is None:
        return []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        if not node.args:
            return [(keyword.arg, keyword) for keyword in node.keywords]
    return None


def of_dispatch(fact: Dispatch, model: Model) -> Iterator[Given]:
    """What a dispatch gives its task; one answer, or for `chunks` and the like one an item.

    Nothing where the call does not say.
    """
    if fact.call is None:
        yield from _of_reference(fact, model)
    elif fact.method in _ITEMS:
        yield from _of_items(fact, model)
    else:
        given = _of_call(fact, model)
        if given is not None:
            yield given.open() if is_partial(fact) else given


def is_partial(fact: Dispatch) -> bool:
    """Tell whether arguments may be added to what the call makes."""
    if fact.method not in PARTIAL:
        return False
    immutable = fact.arguments.get("immutable", 6 if fact.on == "app" else 5)
    return not (isinstance(immutable, ast.Constant) and immutable.value is True)


def _of_call(fact: Dispatch, model: Model) -> Given | None:
    assert fact.call is not None
    if fact.method in PLAIN_CALL:
        return plain(fact.call)
    first = PACKED.get(fact.method)
    if first is None:
        return None
    if fact.on == "app":
        first = 1
    given = fact.arguments
    return packed(
        fact.call,
        given.get("args", first),
        given.get("kwargs", first + 1),
        fact.region,
        model.resolver,
        more_args=given.get("args", first) is None and not given.lacks("args", first),
        more_kwargs=given.get("kwargs", first + 1) is None and not given.lacks("kwargs", first + 1),
    )


def _of_reference(fact: Dispatch, model: Model) -> Iterator[Given]:
    """`on_commit(t.delay)`, `partial(t.delay, 1)`, `sync_to_async(t.delay)(1)`."""
    if fact.method not in ("delay", "delay_on_commit"):
        return
    holder = model.module.parent(fact.node, fact.statement)
    if not isinstance(holder, ast.Call) or not holder.args or holder.args[0] is not fact.node:
        return
    name = model.resolver.qualname(holder.func, fact.region) or ""
    if name == "functools.partial":
        given = plain(holder, 1)
        outer = model.module.parent(holder, fact.statement)
        called = isinstance(outer, ast.Call) and outer.args[:1] == [holder]
        if called and _is_on_commit(outer, fact.region, model):
            yield given
        else:
            yield given.open()._replace(call=given.call._replace(more_keywords=True))
    elif _is_on_commit(holder, fact.region, model):
        yield Given(CallShape(), fact.node)
    elif name in ("asgiref.sync.sync_to_async", "channels.db.database_sync_to_async"):
        outer = model.module.parent(holder, fact.statement)
        if isinstance(outer, ast.Call) and outer.func is holder:
            yield plain(outer)


def _is_on_commit(node: ast.AST | None, region: Region, model: Model) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = model.resolver.qualname(node.func, region) or ""
    return name.startswith("django.") and name.endswith(".on_commit")


def _of_items(fact: Dispatch, model: Model) -> Iterator[Given]:
    """Each item of `t.map([...])` is one argument, of `starmap` and `chunks` a list of them."""
    items = fact.arguments.get("it", 0)
    if items is None or fact.call is None:
        return
    literal = _literal(items, fact.region, model.resolver)
    if fact.method == "map":
        yield Given(CallShape(1), fact.call)
        return
    if (
        isinstance(literal, ast.Call)
        and isinstance(literal.func, ast.Name)
        and literal.func.id == "zip"
        and not any(isinstance(argument, ast.Starred) for argument in literal.args)
    ):
        yield Given(CallShape(len(literal.args)), fact.call, tuple(literal.args))
    elif isinstance(literal, (ast.Tuple, ast.List)):
        for item in literal.elts[:_MAX_ITEMS]:
            if isinstance(item, (ast.Tuple, ast.List)):
                yield packed(item, item, None, fact.region, model.resolver)
