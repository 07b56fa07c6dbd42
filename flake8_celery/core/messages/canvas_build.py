"""What an expression builds: steps, chains, groups and chords."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.contract.binding import CallShape
from flake8_celery.core.messages.arguments import packed, plain
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FunctionNode, Region
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple
from flake8_celery.tables.methods import CANVAS_NAMES

MAX_DEPTH: Final = 30
_DISPLAYS: Final = (ast.List, ast.Tuple, ast.GeneratorExp, ast.ListComp, ast.BinOp)
MAX_STEPS: Final = 500
_SIGNING: Final = frozenset({"s", "si", "signature", "subtask"})
#: Methods of a signature that give it back, itself or a copy.
_SAME: Final = frozenset({"set", "clone", "on_error"})
_LINKING: Final = frozenset({"link", "link_error"})


class Opaque(NamedTuple):
    """Something that can't be told, with a place of its own in a canvas."""

    node: ast.AST


class Step(NamedTuple):
    """One task's signature."""

    node: ast.Call
    """The call that makes it: `t.s(1)`."""
    region: Region
    fact: Dispatch
    call: CallShape
    """The arguments it holds already."""
    immutable: bool | Unknown = False
    options: frozenset[str] = frozenset()
    """The execution options given so far."""


class Many(NamedTuple):
    """Any number of values of one kind: a comprehension, or a list that is not in sight."""

    node: ast.AST
    value: Built


class Choice(NamedTuple):
    """One of several values, by a condition."""

    node: ast.AST
    values: tuple[Built, ...]


class Chain(NamedTuple):
    """One step after the other."""

    node: ast.AST
    steps: tuple[Built, ...]


class Group(NamedTuple):
    """Members that run side by side."""

    node: ast.AST
    members: tuple[Built, ...]


class Chord(NamedTuple):
    """A header of tasks side by side, and a body that gets the list of their results."""

    node: ast.AST
    header: Built
    body: Built | None


Built = Opaque | Step | Many | Choice | Chain | Group | Chord
_VALUES: Final[Slot[dict[ast.AST, Built]]] = Slot(dict)
"""What expressions build."""


def value_of(node: ast.expr, region: Region, model: Model, depth: int = 0) -> Built:
    """What an expression builds; `Opaque` where that can't be told."""
    if depth > MAX_DEPTH:
        return Opaque(node)
    known: Built | None = _VALUES.of(model.notes).get(node)
    if known is None:
        known = _VALUES.of(model.notes)[node] = _read(node, region, model, depth + 1)
    return known


def _read(node: ast.expr, region: Region, model: Model, depth: int) -> Built:
    if isinstance(node, ast.Name):
        place = _behind(node, region, model)
        return value_of(*place, model, depth) if place is not None else Opaque(node)
    if isinstance(node, ast.NamedExpr):
        return value_of(node.value, region, model, depth)
    if isinstance(node, ast.IfExp):
        sides = (node.body, node.orelse)
        return Choice(node, tuple(value_of(side, region, model, depth) for side in sides))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _piped(node, region, model, depth)
    if isinstance(node, ast.Call):
        return _called(node, region, model, depth)
    return Opaque(node)


def _piped(node: ast.BinOp, region: Region, model: Model, depth: int) -> Built:
    """`a | b | c`, which nests to the left."""
    parts: list[ast.BinOp] = [node]
    left = node.left
    while isinstance(left, ast.BinOp) and isinstance(left.op, ast.BitOr) and len(parts) < MAX_STEPS:
        parts.append(left)
        left = left.left
    value = value_of(left, region, model, depth)
    for part in reversed(parts):
        value = _joined(part, value, value_of(part.right, region, model, depth))
    return value


def _folded(node: ast.Call, values: tuple[Built, ...]) -> Built:
    """`chain(a, b)`: as `a | b` where it starts with a group and no option is given."""
    first = values[0] if len(values) > 1 and not node.keywords else None
    if not isinstance(first, Group) or len(first.members) < 2:
        return Chain(node, values)
    if any(isinstance(value, Many) for value in values):
        return Chain(node, values)
    value: Built = first
    for following in values[1:]:
        value = _joined(node, value, following)
    return value


def _joined(node: ast.AST, left: Built, right: Built) -> Built:
    """What `left | right` makes, by the rules of `__or__` of each."""
    if isinstance(left, Group):
        return Chord(node, left, right)
    if isinstance(left, Chord) and left.body is not None and isinstance(right, Step):
        return Chord(node, left.header, _joined(node, left.body, right))
    before = left.steps if isinstance(left, Chain) else (left,)
    after = right.steps if isinstance(right, Chain) else (right,)
    return Chain(node, before + after)


def _called(node: ast.Call, region: Region, model: Model, depth: int) -> Built:
    func = node.func
    fact = model.dispatches.get(node)
    if fact is not None and fact.method in _SIGNING and fact.on != "signature":
        if fact.on == "app" and node.args and not isinstance(node.args[0], ast.Constant):
            # `signature(sig)` is a copy
            value = value_of(node.args[0], region, model, depth)
            if isinstance(value, (Step, Chain, Group, Chord)):
                return value
        return _step(fact, model)
    if isinstance(func, ast.Attribute) and func.attr in _SAME | _LINKING:
        return _method(node, func, region, model, depth)
    name = model.resolver.qualname(func, region)
    if name not in CANVAS_NAMES:
        return Opaque(node)
    kind = name.rpartition(".")[2]
    arguments = Arguments(node)
    if kind == "chain":
        return _folded(node, tuple(_spread(node, region, model, depth)))
    if kind == "group":
        return _group(node, region, model, depth)
    if kind == "chord":
        header, body = arguments.get("header", 0), arguments.get("body", 1)
        if header is None or arguments.splat or arguments.splat_keywords:
            return Opaque(node)
        if isinstance(body, ast.Constant) and body.value is None:
            body = None
        return Chord(
            node,
            Group(header, tuple(_members(header, region, model, depth))),
            value_of(body, region, model, depth) if body is not None else None,
        )
    return Opaque(node)


def _step(fact: Dispatch, model: Model) -> Step:
    call = fact.call
    assert call is not None
    arguments = fact.arguments
    if fact.method in ("s", "si"):
        return Step(call, fact.region, fact, plain(call).call, fact.method == "si")
    first = 1 if fact.on == "app" else 0  # there the name comes first
    immutable: bool | Unknown = False
    flag = arguments.get("immutable", first + 5)
    if flag is not None:
        immutable = _truth(flag, fact.region, model)
    elif not arguments.lacks("immutable", first + 5):
        immutable = UNKNOWN
    held = step_arguments(call, arguments, fact.region, model, first)
    return Step(call, fact.region, fact, held, immutable, frozenset(fact.options))


def step_arguments(
    call: ast.Call, arguments: Arguments, region: Region, model: Model, first: int = 0
) -> CallShape:
    """What `args` and `kwargs`, at the positions `first` and the next, give."""
    args, kwargs = arguments.get("args", first), arguments.get("kwargs", first + 1)
    return packed(
        call,
        args,
        kwargs,
        region,
        model.resolver,
        more_args=args is None and not arguments.lacks("args", first),
        more_kwargs=kwargs is None and not arguments.lacks("kwargs", first + 1),
    ).call


def _truth(node: ast.expr, region: Region, model: Model) -> bool | Unknown:
    values = model.resolver.values(node, region)
    if isinstance(values, Unknown) or len({bool(value) for value in values}) != 1:
        return UNKNOWN
    return bool(values[0])


def _method(node: ast.Call, func: ast.Attribute, region: Region, model: Model, depth: int) -> Built:
    """`sig.set(...)`, `sig.clone(...)`, `sig.on_error(...)`, and `sig.link(...)`: the callback."""
    arguments = Arguments(node)
    if func.attr in _LINKING:
        if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
            return Opaque(node)
        return value_of(node.args[0], region, model, depth)
    value = value_of(func.value, region, model, depth)
    if func.attr == "on_error":
        return value
    if isinstance(value, (Opaque, Many, Choice)):
        return Opaque(node)
    if func.attr == "clone":
        if not node.args and not arguments.splat_keywords and not arguments.keywords:
            return value
        if isinstance(value, Step) and not arguments.splat_keywords:
            more = step_arguments(node, arguments, region, model)
            return value._replace(call=merged_options(more, value.call))
        return Opaque(node)
    flag = arguments.get("immutable", 0)
    immutable: bool | Unknown | None = None
    if flag is not None:
        immutable = _truth(flag, region, model)
    elif not arguments.lacks("immutable", 0):
        immutable = UNKNOWN
    if isinstance(value, Step):
        value = value._replace(options=value.options | set(arguments.keywords))
    return value if immutable is None else _frozen(value, immutable)


def _frozen(value: Built, immutable: bool | Unknown) -> Built:
    """`set(immutable=...)`: of a group or a chord's header it reaches each member."""
    if isinstance(value, Step):
        return value._replace(immutable=immutable)
    if isinstance(value, Group):
        return value._replace(members=tuple(_frozen(m, immutable) for m in value.members))
    if isinstance(value, Many):
        return value._replace(value=_frozen(value.value, immutable))
    if isinstance(value, Chord):
        return value._replace(header=_frozen(value.header, immutable))
    if isinstance(value, Chain) and value.steps:
        # what of this its first step sees depends on where the chain is used
        first = value.steps[0]
        return value._replace(steps=(Opaque(first.node), *value.steps[1:]))
    return value


def merged_options(more: CallShape, held: CallShape) -> CallShape:
    """The arguments of a later call put in front of those that a signature holds."""
    return CallShape(
        more.positional + held.positional,
        more.keywords | held.keywords,
        more.more_positional or held.more_positional,
        more.more_keywords or held.more_keywords,
    )


def _group(node: ast.Call, region: Region, model: Model, depth: int) -> Built:
    if not node.args:
        tasks = Arguments(node).keywords.get("tasks")
        if tasks is not None or any(keyword.arg is None for keyword in node.keywords):
            return Opaque(node)
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        return Group(node, tuple(_members(node.args[0], region, model, depth)))
    return Group(node, tuple(_spread(node, region, model, depth)))


def _members(node: ast.expr, region: Region, model: Model, depth: int) -> Iterator[Built]:
    """The members of what a group or a header is made of: a group's own, else those listed."""
    values = list(_listed(node, region, model, depth))
    if len(values) == 1 and isinstance(values[0], Group) and not isinstance(node, _DISPLAYS):
        return iter(values[0].members)
    return iter(values)


def _spread(node: ast.Call, region: Region, model: Model, depth: int) -> Iterator[Built]:
    """The arguments of `chain(...)` or `group(...)`, where a single list stands for its items."""
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield from _listed(node.args[0], region, model, depth)
        return
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            for value in _listed(argument.value, region, model, depth):
                # something starred is a list, whatever it is
                yield Many(value.node, value) if isinstance(value, Opaque) else value
        else:
            yield value_of(argument, region, model, depth)


def _listed(node: ast.expr, region: Region, model: Model, depth: int) -> Iterator[Built]:
    """The values of a list, tuple or comprehension in order; of anything else itself."""
    if depth > MAX_DEPTH:
        yield Many(node, Opaque(node))
        return
    if isinstance(node, ast.Name):
        place = _behind(node, region, model)
        if place is None:
            yield Many(node, Opaque(node))
            return
        node, region = place
    if isinstance(node, (ast.List, ast.Tuple)):
        for element in node.elts:
            if isinstance(element, ast.Starred):
                yield from _listed(element.value, region, model, depth + 1)
            else:
                yield value_of(element, region, model, depth)
    elif isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        inner = model.candidates.scopes.get(node, region)
        yield Many(node, value_of(node.elt, inner, model, depth))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _listed(node.left, region, model, depth + 1)
        yield from _listed(node.right, region, model, depth + 1)
    else:
        value = value_of(node, region, model, depth)
        yield Many(node, value) if isinstance(value, Opaque) else value


_HARMLESS_METHODS: Final = frozenset(
    {
        *("delay", "apply_async", "apply", "clone", "freeze", "on_error", "link", "link_error"),
        *("set", "id", "get", "copy", "count", "index"),
    }
)
_HARMLESS_CALLS: Final = frozenset({"list", "tuple", "len", "print", "str", "repr", "bool"})
_HARMLESS_KEYWORDS: Final = frozenset({"link", "link_error", "header", "body", "tasks", "sig"})


def _behind(node: ast.Name, region: Region, model: Model) -> tuple[ast.expr, Region] | None:
    """The one expression that a name stands for, unless what it holds may be changed in place."""
    bindings = region.lookup(node.id)
    if not bindings or len(bindings) != 1:
        return None
    binding = bindings[0]
    if binding.how not in ("assign", "walrus") or binding.value is None:
        return None
    if not isinstance(binding.value, ast.Tuple) and _may_change(node.id, binding.scope, model):
        return None
    return binding.value, binding.scope


_CHANGED: Final[Slot[dict[tuple[str, Region], bool]]] = Slot(dict)
"""Whether what a name holds may be changed in place."""


def _may_change(name: str, scope: Region, model: Model) -> bool:
    """Whether a scope uses a name in a way that may change the object: `x.append`, `f(x)`."""
    key = (name, scope)
    known = _CHANGED.of(model.notes).get(key)
    if known is None:
        in_scope = _USES.of(model.notes)
        uses = in_scope.get(scope)
        if uses is None:
            uses = in_scope[scope] = _uses(scope)
        known = _CHANGED.of(model.notes)[key] = any(
            _changes(node, name, scope, model) for node in uses.get(name, ())
        )
    return known


_USES: Final[Slot[dict[Region, dict[str, list[ast.AST]]]]] = Slot(dict)
"""What may change what a name holds, by scope and name."""


def _uses(scope: Region) -> dict[str, list[ast.AST]]:
    """The nodes of a scope that may change what a name stands for; read once for all names."""
    found: dict[str, list[ast.AST]] = {}
    for node in _all(scope):
        if type(node) in _MAY_CHANGE:
            near = [*ast.iter_child_nodes(node)]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                near.append(node.func.value)
            for name in {child.id for child in near if isinstance(child, ast.Name)}:
                found.setdefault(name, []).append(node)
    return found


def _all(scope: Region) -> Iterator[ast.AST]:
    node = scope.node
    if isinstance(node, (ast.Module, ast.ClassDef, *FunctionNode)):
        return walk(node.body, nested=True)
    return walk([node], nested=True)


_MAY_CHANGE: Final = frozenset(
    {
        *(ast.Call, ast.keyword, ast.Attribute, ast.Subscript, ast.Await, ast.Yield, ast.YieldFrom),
        *(ast.Assign, ast.AnnAssign, ast.For, ast.AsyncFor, ast.comprehension),
    }
)


def _changes(node: ast.AST, name: str, scope: Region, model: Model) -> bool:
    def ours(child: ast.AST) -> bool:
        return isinstance(child, ast.Name) and child.id == name

    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Attribute) and ours(func.value) and func.attr == "set":
            return any(keyword.arg in ("immutable", None) for keyword in node.keywords) or bool(
                node.args
            )
        if any(ours(argument) for argument in node.args):
            if isinstance(func, ast.Attribute) and func.attr in ("link", "link_error", "on_error"):
                return False
            if isinstance(func, ast.Name) and func.id in _HARMLESS_CALLS:
                return False
            return model.resolver.qualname(func, scope) not in CANVAS_NAMES and not (
                isinstance(func, (ast.Call, ast.Name))
                and len(node.args) == 1
                and _is_canvas(func, scope, model)
            )
        return False
    if isinstance(node, ast.keyword):
        return ours(node.value) and node.arg not in _HARMLESS_KEYWORDS
    if isinstance(node, ast.Attribute):
        return ours(node.value) and (
            not isinstance(node.ctx, ast.Load) or node.attr not in _HARMLESS_METHODS
        )
    if isinstance(node, (ast.Subscript, ast.Await, ast.Yield, ast.YieldFrom)):
        return node.value is not None and ours(node.value)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return node.value is not None and ours(node.value)
    if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        return ours(node.iter)
    return False


def _is_canvas(func: ast.expr, scope: Region, model: Model) -> bool:
    kinds = model.resolver.kinds(func, scope)
    return not isinstance(kinds, Unknown) and kinds == {"signature"}
