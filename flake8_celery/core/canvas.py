"""What a canvas expression builds, and what arrives at each of its steps.

`value_of` reads `t.s(1)`, `a | b`, `chain(...)`, `group(...)` and `chord(...)` as Celery builds
them (celery/canvas.py); `steps` then says of every task's signature in it which arguments the step
before puts in front of its own. Nothing is told of what can't be seen: `Opaque` fits everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from flake8_celery.core import flow, given, signature
from flake8_celery.core.model import Arguments, Canvas, Dispatch, Model, Pipe, Replace, Task
from flake8_celery.core.notes import Slot
from flake8_celery.core.resolve import CANVAS_NAMES, UNKNOWN, Unknown
from flake8_celery.core.signature import Call, Misfit, Parameters
from flake8_celery.core.source import FunctionNode, Region

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
    call: Call
    """The arguments it holds already."""
    immutable: bool | Unknown = False
    options: frozenset[str] = frozenset()
    """The execution options given so far."""


class Many(NamedTuple):
    """Any number of values of one kind: a comprehension, or a list that is not in sight."""

    node: ast.AST
    value: Value


class Choice(NamedTuple):
    """One of several values, by a condition."""

    node: ast.AST
    values: tuple[Value, ...]


class Chain(NamedTuple):
    """One step after the other."""

    node: ast.AST
    steps: tuple[Value, ...]


class Group(NamedTuple):
    """Members that run side by side."""

    node: ast.AST
    members: tuple[Value, ...]


class Chord(NamedTuple):
    """A header of tasks side by side, and a body that gets the list of their results."""

    node: ast.AST
    header: Value
    body: Value | None


Value = Opaque | Step | Many | Choice | Chain | Group | Chord


class Arrival(NamedTuple):
    """What a step is given in front of its own arguments, and where that comes from."""

    call: Call
    source: str = ""
    """One of the sources below; empty for what the caller sends."""


UNSENT: Final = Arrival(Call(0, frozenset(), True, True))
STEP: Final = "the step before"
GROUP: Final = "the group before"
HEADER: Final = "the chord's header"
LINKED: Final = "the task it is linked to"
_ONE: Final = Call(1)


# -- reading expressions


_VALUES: Final[Slot[dict[ast.AST, Value]]] = Slot(dict)
"""What expressions build."""


def value_of(node: ast.expr, region: Region, model: Model, depth: int = 0) -> Value:
    """What an expression builds; `Opaque` where that can't be told."""
    if depth > MAX_DEPTH:
        return Opaque(node)
    known: Value | None = _VALUES.of(model.notes).get(node)
    if known is None:
        known = _VALUES.of(model.notes)[node] = _read(node, region, model, depth + 1)
    return known


def _read(node: ast.expr, region: Region, model: Model, depth: int) -> Value:
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


def _piped(node: ast.BinOp, region: Region, model: Model, depth: int) -> Value:
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


def _folded(node: ast.Call, values: tuple[Value, ...]) -> Value:
    """`chain(a, b)`: as `a | b` where it starts with a group and no option is given."""
    first = values[0] if len(values) > 1 and not node.keywords else None
    if not isinstance(first, Group) or len(first.members) < 2:
        return Chain(node, values)
    if any(isinstance(value, Many) for value in values):
        return Chain(node, values)
    value: Value = first
    for following in values[1:]:
        value = _joined(node, value, following)
    return value


def _joined(node: ast.AST, left: Value, right: Value) -> Value:
    """What `left | right` makes, by the rules of `__or__` of each."""
    if isinstance(left, Group):
        return Chord(node, left, right)
    if isinstance(left, Chord) and left.body is not None and isinstance(right, Step):
        return Chord(node, left.header, _joined(node, left.body, right))
    before = left.steps if isinstance(left, Chain) else (left,)
    after = right.steps if isinstance(right, Chain) else (right,)
    return Chain(node, before + after)


def _called(node: ast.Call, region: Region, model: Model, depth: int) -> Value:
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
        return Step(call, fact.region, fact, given.plain(call).call, fact.method == "si")
    first = 1 if fact.on == "app" else 0  # there the name comes first
    immutable: bool | Unknown = False
    flag = arguments.get("immutable", first + 5)
    if flag is not None:
        immutable = _truth(flag, fact.region, model)
    elif not arguments.lacks("immutable", first + 5):
        immutable = UNKNOWN
    held = _packed(call, arguments, fact.region, model, first)
    return Step(call, fact.region, fact, held, immutable, frozenset(fact.options))


def _packed(
    call: ast.Call, arguments: Arguments, region: Region, model: Model, first: int = 0
) -> Call:
    """What `args` and `kwargs`, at the positions `first` and the next, give."""
    args, kwargs = arguments.get("args", first), arguments.get("kwargs", first + 1)
    return given.packed(
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


def _method(node: ast.Call, func: ast.Attribute, region: Region, model: Model, depth: int) -> Value:
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
            more = _packed(node, arguments, region, model)
            return value._replace(call=merged(more, value.call))
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


def _frozen(value: Value, immutable: bool | Unknown) -> Value:
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


def merged(more: Call, held: Call) -> Call:
    """The arguments of a later call put in front of those that a signature holds."""
    return Call(
        more.positional + held.positional,
        more.keywords | held.keywords,
        more.more_positional or held.more_positional,
        more.more_keywords or held.more_keywords,
    )


def _group(node: ast.Call, region: Region, model: Model, depth: int) -> Value:
    if not node.args:
        tasks = Arguments(node).keywords.get("tasks")
        if tasks is not None or any(keyword.arg is None for keyword in node.keywords):
            return Opaque(node)
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        return Group(node, tuple(_members(node.args[0], region, model, depth)))
    return Group(node, tuple(_spread(node, region, model, depth)))


def _members(node: ast.expr, region: Region, model: Model, depth: int) -> Iterator[Value]:
    """The members of what a group or a header is made of: a group's own, else those listed."""
    values = list(_listed(node, region, model, depth))
    if len(values) == 1 and isinstance(values[0], Group) and not isinstance(node, _DISPLAYS):
        return iter(values[0].members)
    return iter(values)


def _spread(node: ast.Call, region: Region, model: Model, depth: int) -> Iterator[Value]:
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


def _listed(node: ast.expr, region: Region, model: Model, depth: int) -> Iterator[Value]:
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


# -- names that hold a signature or a list


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
        return flow.walk(node.body, nested=True)
    return flow.walk([node], nested=True)


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


# -- what arrives where


def steps(value: Value, arrival: Arrival, depth: int = 0) -> Iterator[tuple[Step, Arrival]]:
    """Every task's signature in a canvas, with what arrives at it when `arrival` comes first."""
    if depth > MAX_DEPTH:
        return
    depth += 1
    if isinstance(value, Step):
        yield value, arrival
    elif isinstance(value, Choice):
        for one in value.values:
            yield from steps(one, arrival, depth)
    elif isinstance(value, Group):
        for member in value.members:
            inner = member.value if isinstance(member, Many) else member
            yield from steps(inner, arrival, depth)
    elif isinstance(value, Chord):
        yield from steps(value.header, arrival, depth)
        if value.body is not None:
            yield from steps(value.body, Arrival(_ONE, HEADER), depth)
    elif isinstance(value, Chain):
        for step in value.steps:
            inner = step.value if isinstance(step, Many) else step
            yield from steps(inner, arrival, depth)
            if isinstance(step, Many) and not arrival.source:
                # the first of many gets that; each of the others follows one of its own
                yield from steps(inner, Arrival(_ONE, STEP), depth)
            if not _is_empty(step):
                arrival = Arrival(_ONE, GROUP if isinstance(step, Group) else STEP)
    elif isinstance(value, Many):
        yield from steps(value.value, UNSENT, depth)


def _is_empty(value: Value) -> bool:
    """Whether Celery skips this in a chain: a group or a chain of none."""
    return (isinstance(value, Chain) and not value.steps) or (
        isinstance(value, Group) and not value.members
    )


def first_of(value: Value) -> Value | None:
    """What a chain runs first, or the value itself; None for a chain of none."""
    while isinstance(value, Chain):
        if not value.steps:
            return None
        value = value.steps[0]
    return value


def inside(value: Value) -> Iterator[Value]:
    """A value and all that it is made of."""
    stack = [value]
    for _ in range(MAX_STEPS):
        if not stack:
            return
        value = stack.pop()
        yield value
        if isinstance(value, Many):
            stack.append(value.value)
        elif isinstance(value, Choice):
            stack += value.values
        elif isinstance(value, Chain):
            stack += value.steps
        elif isinstance(value, Group):
            stack += value.members
        elif isinstance(value, Chord):
            stack.append(value.header)
            if value.body is not None:
                stack.append(value.body)


def headers(value: Value) -> Iterator[Value]:
    """What in a canvas runs side by side and must be done before a body runs.

    The header of each chord, and each group in a chain that something follows.
    """
    for one in inside(value):
        if isinstance(one, Chord):
            yield one.header
        elif isinstance(one, Chain):
            for index, step in enumerate(one.steps):
                followed = any(not _is_empty(later) for later in one.steps[index + 1 :])
                if isinstance(step, Group) and followed:
                    yield step


class Fit(NamedTuple):
    """A step that what arrives does not fit."""

    step: Step
    arrival: Arrival
    task: Task
    parameters: Parameters
    misfit: Misfit
    mended: bool
    """Without what arrives, its own arguments fit: `.si()` is the answer."""


def parameters_of(step: Step) -> tuple[Task, Parameters] | None:
    """The task of a signature and what it takes, as far as both can be told."""
    task = step.fact.resolved_task()
    if task is None:
        return None
    parameters = signature.of_task(task, step.fact.method)
    if isinstance(parameters, Unknown):
        return None
    if parameters.positional[:1] == ("self",) and not task.bind:
        # `bind=True` was forgotten, which is the task's own mistake
        return None
    return task, parameters


def misfit_of(step: Step, arrival: Arrival) -> Fit | None:
    """Why a step can't take what arrives; None where it can, or where that can't be told.

    A step whose own arguments are wrong already is not this one's matter.
    """
    if isinstance(step.immutable, Unknown):
        return None
    if step.immutable and arrival.source:
        return None
    known = parameters_of(step)
    if known is None:
        return None
    task, parameters = known
    held = step.call
    more = held._replace(more_positional=True, more_keywords=True)
    if signature.misfit(parameters, held if step.immutable else more) is not None:
        return None
    found = signature.misfit(parameters, merged(arrival.call, held))
    if found is None or step.immutable:
        return None
    mended = signature.misfit(parameters, held) is None
    return Fit(step, arrival, task, parameters, found, mended)


# -- what is no signature


_REFERENCES: Final = frozenset({"s", "si", "signature", "subtask", "delay", "apply_async"})
_NO_SIGNATURE: Final = frozenset({"task", "result", "function", "str", "int", "none"})


def kind_of(node: ast.expr, region: Region, model: Model) -> str:
    """What stands where a signature belongs; empty where it may be one.

    `task`, `result`, `function`, `str`, `int`, `none`, or `reference`: a method of a task that is
    not called, `task.s` or `task.delay`.
    """
    kinds = model.resolver.kinds(node, region)
    if not isinstance(kinds, Unknown) and kinds <= _NO_SIGNATURE:
        kind = min(kinds)
        dispatch = model.dispatches.get(node) if kind == "result" else None
        return kind if dispatch is None or dispatch.certain else ""
    if is_task(node, region, model):
        return "task"
    if isinstance(node, ast.Attribute) and node.attr in _REFERENCES:
        return "reference" if is_task(node.value, region, model) else ""
    return ""


def is_task(node: ast.expr, region: Region, model: Model) -> bool:
    """Tell whether an expression surely names a task, of this module or another."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    if model.task(node, region) is not None:
        return True
    target = model.resolver.qualname(node, region)
    return target is not None and model.imported_task(target) is not None


# -- facts


def of_fact(fact: Canvas | Pipe, model: Model) -> Value:
    """What a canvas or a pipe builds; for `chord(header)(body)` with that body."""
    value = value_of(fact.node, fact.region, model)  # type: ignore[arg-type]
    if isinstance(value, Chord) and value.body is None:
        holder = model.module.parent(fact.node, fact.statement)
        if isinstance(holder, ast.Call) and holder.func is fact.node:
            body = Arguments(holder).get("body", 0)
            if body is not None:
                return value._replace(body=value_of(body, fact.region, model))
    return value


def whole(fact: Canvas | Pipe, model: Model) -> Value:
    """See `of_fact`; nothing for a part of a longer pipe, which that one tells of."""
    holder = model.module.parent(fact.node, fact.statement)
    if isinstance(holder, ast.BinOp) and isinstance(holder.op, ast.BitOr):
        return Opaque(fact.node)
    return of_fact(fact, model)


def callbacks(fact: Dispatch, names: Iterable[str]) -> Iterator[tuple[str, ast.expr]]:
    """The callbacks that a dispatch is given: `link=...`, `.link(...)`, each of a list alone."""
    found: list[tuple[str, ast.expr]] = []
    for name in names:
        if fact.method == name or (name == "link_error" and fact.method == "on_error"):
            position = 0
            argument = fact.arguments.get("callback" if name == "link" else "errback", position)
            if argument is not None:
                found.append((name, argument))
        elif name in fact.options:
            found.append((name, fact.options[name].value))
    for name, node in found:
        if isinstance(node, (ast.List, ast.Tuple)):
            for element in node.elts:
                if not isinstance(element, ast.Starred):
                    yield name, element
        else:
            yield name, node


def deliveries(fact: Canvas | Pipe | Dispatch, model: Model) -> Iterator[tuple[Step, Arrival]]:
    """Every task's signature that a fact is about, with what arrives at it."""
    if not isinstance(fact, Dispatch):
        yield from steps(whole(fact, model), UNSENT)
        return
    linked = Arrival(_ONE, LINKED)
    for _, node in callbacks(fact, ("link",)):
        value = value_of(node, fact.region, model)
        if fact.method == "link" and isinstance(
            value_of(fact.receiver, fact.region, model), (Group, Opaque)
        ):
            continue  # a group's callback is made immutable
        yield from steps(value, linked)
    if fact.method == "__call__":
        value = value_of(fact.receiver, fact.region, model)
        body = fact.arguments.get("body", 0)
        if isinstance(value, Chord) and body is not None:
            yield from steps(value_of(body, fact.region, model), Arrival(_ONE, HEADER))


def sent(fact: Dispatch | Replace, model: Model) -> Iterator[tuple[Step, Arrival]]:
    """The signatures that a dispatch of a signature or canvas sends first, with what it adds."""
    if isinstance(fact, Replace):
        found = Arguments(fact.call).get("sig", 0)
        value = value_of(found, fact.region, model) if found is not None else None
        if value is not None:
            yield from _first(value, Arrival(Call()))
        return
    value = value_of(fact.receiver, fact.region, model)
    call = fact.call
    if fact.on != "signature" or call is None or isinstance(value, (Opaque, Many, Choice)):
        return
    arguments = fact.arguments
    if fact.method == "__call__":
        if isinstance(value, Step):
            return
        adds = Call()
        if not isinstance(value, Chord):
            adds = given.plain(call).call
            if isinstance(value, Group):
                adds = adds._replace(keywords=frozenset(), more_keywords=False)
    elif fact.method == "delay":
        adds = given.plain(call).call
    elif fact.method in ("apply_async", "apply"):
        adds = _packed(call, arguments, fact.region, model)
    else:
        return
    yield from _first(value, Arrival(adds))


def _first(value: Value, sent: Arrival) -> Iterator[tuple[Step, Arrival]]:
    for step, arrival in steps(value, sent):
        if not arrival.source:
            yield step, arrival
