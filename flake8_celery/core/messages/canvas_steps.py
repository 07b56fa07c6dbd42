"""What arrives at each step of a canvas, and whether it fits."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from flake8_celery.core.contract import binding as contract_binding
from flake8_celery.core.contract.binding import CallShape, Misfit, Parameters
from flake8_celery.core.messages.arguments import plain
from flake8_celery.core.messages.canvas_build import (
    MAX_DEPTH,
    MAX_STEPS,
    Built,
    Chain,
    Choice,
    Chord,
    Group,
    Many,
    Opaque,
    Step,
    merged_options,
    step_arguments,
    value_of,
)
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Canvas, Dispatch, Pipe, Replace
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.record import NamedTuple


class Arrival(NamedTuple):
    """What a step is given in front of its own arguments, and where that comes from."""

    call: CallShape
    source: str = ""
    """One of the sources below; empty for what the caller sends."""


UNSENT: Final = Arrival(CallShape(0, frozenset(), True, True))
STEP: Final = "the step before"
GROUP: Final = "the group before"
HEADER: Final = "the chord's header"
LINKED: Final = "the task it is linked to"
_ONE: Final = CallShape(1)


def steps(value: Built, arrival: Arrival, depth: int = 0) -> Iterator[tuple[Step, Arrival]]:
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


def _is_empty(value: Built) -> bool:
    """Whether Celery skips this in a chain: a group or a chain of none."""
    return (isinstance(value, Chain) and not value.steps) or (
        isinstance(value, Group) and not value.members
    )


def first_of(value: Built) -> Built | None:
    """What a chain runs first, or the value itself; None for a chain of none."""
    while isinstance(value, Chain):
        if not value.steps:
            return None
        value = value.steps[0]
    return value


def inside(value: Built) -> Iterator[Built]:
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


def headers(value: Built) -> Iterator[Built]:
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


def step_parameters(step: Step) -> tuple[Task, Parameters] | None:
    """The task of a signature and what it takes, as far as both can be told."""
    task = step.fact.resolved_task()
    if task is None:
        return None
    parameters = of_task(task, step.fact.method)
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
    known = step_parameters(step)
    if known is None:
        return None
    task, parameters = known
    held = step.call
    more = held._replace(more_positional=True, more_keywords=True)
    if contract_binding.misfit(parameters, held if step.immutable else more) is not None:
        return None
    found = contract_binding.misfit(parameters, merged_options(arrival.call, held))
    if found is None or step.immutable:
        return None
    mended = contract_binding.misfit(parameters, held) is None
    return Fit(step, arrival, task, parameters, found, mended)


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


def of_fact(fact: Canvas | Pipe, model: Model) -> Built:
    """What a canvas or a pipe builds; for `chord(header)(body)` with that body."""
    value = value_of(fact.node, fact.region, model)
    if isinstance(value, Chord) and value.body is None:
        holder = model.module.parent(fact.node, fact.statement)
        if isinstance(holder, ast.Call) and holder.func is fact.node:
            body = Arguments(holder).get("body", 0)
            if body is not None:
                return value._replace(body=value_of(body, fact.region, model))
    return value


def whole(fact: Canvas | Pipe, model: Model) -> Built:
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


def first_sent(fact: Dispatch | Replace, model: Model) -> Iterator[tuple[Step, Arrival]]:
    """The signatures that a dispatch of a signature or canvas sends first, with what it adds."""
    if isinstance(fact, Replace):
        found = Arguments(fact.call).get("sig", 0)
        value = value_of(found, fact.region, model) if found is not None else None
        if value is not None:
            yield from _first(value, Arrival(CallShape()))
        return
    value = value_of(fact.receiver, fact.region, model)
    call = fact.call
    if fact.on != "signature" or call is None or isinstance(value, (Opaque, Many, Choice)):
        return
    arguments = fact.arguments
    if fact.method == "__call__":
        if isinstance(value, Step):
            return
        adds = CallShape()
        if not isinstance(value, Chord):
            adds = plain(call).call
            if isinstance(value, Group):
                adds = adds._replace(keywords=frozenset(), more_keywords=False)
    elif fact.method == "delay":
        adds = plain(call).call
    elif fact.method in ("apply_async", "apply"):
        adds = step_arguments(call, arguments, fact.region, model)
    else:
        return
    yield from _first(value, Arrival(adds))


def _first(value: Built, sent: Arrival) -> Iterator[tuple[Step, Arrival]]:
    for step, arrival in steps(value, sent):
        if not arrival.source:
            yield step, arrival
