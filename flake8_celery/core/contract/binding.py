"""Does a call bind to these parameters? As Celery checks it, and as the worker calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Final

from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.record import NamedTuple
from flake8_celery.tables.confusions import near_miss

TOO_MANY: Final = "too-many"
TWICE: Final = "twice"
UNEXPECTED: Final = "unknown"
MISSING: Final = "missing"
NOT_BY_NAME: Final = "positional-only"


class Parameters(NamedTuple):
    """What a message may give a task: its parameters without the one that `bind` takes."""

    positional: tuple[str, ...] = ()
    """Positional-only and ordinary parameters, in order."""
    only: int = 0
    """The first `only` of `positional` can't be given by keyword."""
    required: frozenset[str] = frozenset()
    """Parameters without a default, keyword-only ones among them."""
    keyword_only: tuple[str, ...] = ()
    variadic: bool = False
    """Takes `*args`."""
    keywords: bool = False
    """Takes `**kwargs`."""
    bound: str | None = None
    """The parameter that holds the task itself; a message can't give it."""
    bound_only: bool = False
    """That parameter is positional-only."""
    checked: bool = True
    """Celery checks where the message is sent; else the worker's call is the first to fail."""
    called: bool = True
    """The worker calls the function with these arguments; else a `__call__` of the base decides."""
    stars: tuple[str, str] = ("", "")
    """The names of `*args` and `**kwargs`; empty where there are none."""

    def place(self, name: str) -> int:
        """The position of a parameter that can be given by position, or -1."""
        return self.positional.index(name) if name in self.positional else -1

    def takes_keyword(self, name: str) -> bool:
        """Tell whether a parameter of that name can be given by keyword."""
        return name in self.keyword_only or self.place(name) >= self.only

    def has(self, name: str) -> bool:
        """Tell whether there is a parameter of that name, splats apart."""
        return name in self.keyword_only or name in self.positional


class CallShape(NamedTuple):
    """What one call gives: values that a canvas prepends count as positional."""

    positional: int = 0
    """How many positional arguments there are at least."""
    keywords: frozenset[str] = frozenset()
    more_positional: bool = False
    """A `*args`, or a later call, may add some."""
    more_keywords: bool = False


class Misfit(NamedTuple):
    """Why a call does not fit."""

    kind: str
    """One of `too-many`, `twice`, `unknown`, `missing`, `positional-only`."""
    name: str
    """The parameter or keyword at fault; for `too-many` the number that is taken."""
    sending: bool
    """Celery refuses it where it is sent; else the worker's call of the function fails."""


def misfit(parameters: Parameters, call: CallShape) -> Misfit | None:
    """The first reason why `call` can't fit, or None where it fits or can't be told."""
    if parameters.checked:
        found = _bind(parameters, call, header=True)
        if found is not None:
            return Misfit(*found, True)
    if not parameters.called:
        return None
    found = _bind(parameters, call, header=False)
    return Misfit(*found, False) if found is not None else None


def _bind(parameters: Parameters, call: CallShape, *, header: bool) -> tuple[str, str] | None:
    """Bind as Python does; `header` binds to Celery's copy, which has lost the `/`."""
    positional = parameters.positional
    only = 0 if header else parameters.only
    if call.positional > len(positional) and not parameters.variadic:
        return TOO_MANY, str(len(positional))
    filled = set(positional[: call.positional])
    by_keyword: set[str] = set()
    for name in sorted(call.keywords):
        index = positional.index(name) if name in positional else -1
        if index >= only:
            if name in filled:
                return TWICE, name
            by_keyword.add(name)
        elif name in parameters.keyword_only:
            by_keyword.add(name)
        elif name == parameters.bound and (header or not parameters.bound_only):
            return TWICE, name
        elif not parameters.keywords:
            return (NOT_BY_NAME if index >= 0 else UNEXPECTED), name
    for index, name in enumerate(positional):
        if name in filled or name in by_keyword or name not in parameters.required:
            continue
        may_come = call.more_positional or (call.more_keywords and index >= only)
        if not may_come:
            return MISSING, name
    for name in parameters.keyword_only:
        if name in parameters.required and name not in by_keyword and not call.more_keywords:
            return MISSING, name
    return None


def read_parameters(
    arguments: ast.arguments, bind: bool, checked: bool = True
) -> Parameters | Unknown:
    """The parameters of a function; UNKNOWN where `bind` finds none to take (CEL901's matter)."""
    positional = [*arguments.posonlyargs, *arguments.args]
    without_default = len(positional) - len(arguments.defaults)
    required = {argument.arg for argument in positional[:without_default]}
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is None:
            required.add(argument.arg)
    names = [argument.arg for argument in positional]
    only = len(arguments.posonlyargs)
    bound: str | None = None
    bound_only = False
    if bind:
        if names:
            bound, bound_only = names.pop(0), only > 0
            only = max(0, only - 1)
            required.discard(bound)
        elif arguments.vararg is None:
            return UNKNOWN
    return Parameters(
        tuple(names),
        only,
        frozenset(required),
        tuple(argument.arg for argument in arguments.kwonlyargs),
        arguments.vararg is not None,
        arguments.kwarg is not None,
        bound,
        bound_only,
        checked,
        stars=(
            arguments.vararg.arg if arguments.vararg is not None else "",
            arguments.kwarg.arg if arguments.kwarg is not None else "",
        ),
    )


def describe(parameters: Parameters, name: str) -> str:
    """The parameters as a reader would write them: `charge(order_id, amount=...)`."""
    parts = [
        parameter if parameter in parameters.required else f"{parameter}=..."
        for parameter in parameters.positional
    ]
    if parameters.only:
        parts.insert(parameters.only, "/")
    if parameters.variadic:
        parts.append("*args")
    elif parameters.keyword_only:
        parts.append("*")
    parts += [
        parameter if parameter in parameters.required else f"{parameter}=..."
        for parameter in parameters.keyword_only
    ]
    if parameters.keywords:
        parts.append("**kwargs")
    return f"{name}({', '.join(parts)})"


def explain(found: Misfit, parameters: Parameters, count: int) -> str:
    """A misfit in words, for messages; `count` is how many positional arguments are given."""
    if found.kind == MISSING:
        return f"{found.name} is missing"
    if found.kind == TOO_MANY:
        return f"{count} positional argument{'s' if count > 1 else ''} where {found.name} fit"
    if found.kind == TWICE:
        if found.name in ("self", parameters.bound):
            return f"{found.name} can't be given, the task itself fills it"
        return f"{found.name} is given twice, by position and by name"
    if found.kind == NOT_BY_NAME:
        return f"{found.name} can't be given by name"
    names = [*parameters.positional[parameters.only :], *parameters.keyword_only]
    meant = near_miss(found.name, names)
    return f"no parameter {found.name}" + (f", did you mean {meant}?" if meant else "")


def shape(positional: Iterable[ast.expr], keywords: Iterable[ast.keyword]) -> CallShape:
    """What a call's arguments give, splats as 'more may come'."""
    count = 0
    more = False
    for argument in positional:
        if isinstance(argument, ast.Starred):
            more = True
        else:
            count += 1
    names = [keyword.arg for keyword in keywords]
    return CallShape(count, frozenset(name for name in names if name), more, None in names)
