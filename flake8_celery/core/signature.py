"""Does this call fit this task? Celery's own check, done without running anything.

Two things judge a message's arguments. Celery's check runs where the message is sent: it is made
from the function's parameters (celery/utils/functional.py, `head_from_fun`), and loses the `/`. The
call of the function itself runs in the worker, and keeps it. A call is bad if either refuses it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from flake8_celery.core.notes import Slot
from flake8_celery.core.resolve import UNKNOWN, Unknown
from flake8_celery.facts.confusions import near_miss

if TYPE_CHECKING:
    from flake8_celery.core.model import Model, Task, TaskClass

TOO_MANY: Final = "too-many"
TWICE: Final = "twice"
UNEXPECTED: Final = "unknown"
MISSING: Final = "missing"
POSITIONAL_ONLY: Final = "positional-only"


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


class Call(NamedTuple):
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


def misfit(parameters: Parameters, call: Call) -> Misfit | None:
    """The first reason why `call` can't fit, or None where it fits or can't be told."""
    if parameters.checked:
        found = _bind(parameters, call, header=True)
        if found is not None:
            return Misfit(*found, True)
    if not parameters.called:
        return None
    found = _bind(parameters, call, header=False)
    return Misfit(*found, False) if found is not None else None


def _bind(parameters: Parameters, call: Call, *, header: bool) -> tuple[str, str] | None:
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
            return (POSITIONAL_ONLY if index >= 0 else UNEXPECTED), name
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


def read(arguments: ast.arguments, bind: bool, checked: bool = True) -> Parameters | Unknown:
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
    )


def of_task(task: Task, method: str = "apply_async") -> Parameters | Unknown:
    """What `method` (`__call__` for a direct call) may give `task`, as far as that can be told.

    UNKNOWN where another decorator stands below or above (`staticmethod` aside), where `bind` or
    the base can't be read, and where the base overrides what leads from the call to the function.
    """
    given = task.parameters
    bind = task.bind
    if isinstance(given, Unknown) or isinstance(bind, Unknown) or _wrapped(task):
        return UNKNOWN
    base = task.base
    if not all(base.lacks(name) for name in _WAY.get(method, (method, "apply_async"))):
        return UNKNOWN
    if any(library.body != "arguments" for library in base.libraries):
        return UNKNOWN
    found = read(given, bind, task.style != "class" and _checked(task, base))
    if isinstance(found, Parameters) and not base.lacks("__call__"):
        # Celery's own check is made all the same where the message is sent
        return found._replace(called=False) if found.checked else UNKNOWN
    return found


_TAKEN: Final[Slot[dict[tuple[Task, str], Parameters | Unknown]]] = Slot(dict)


def taken(task: Task, method: str, model: Model) -> Parameters | Unknown:
    """As `of_task`; told once for all calls in the module that `model` is of."""
    told = _TAKEN.of(model.notes)
    key = task, method
    known = told.get(key)
    if known is None:
        known = told[key] = of_task(task, method)
    return known


def _wrapped(task: Task) -> bool:
    """Whether the name stands for something that a decorator above has made of the task."""
    return any(not isinstance(d, ast.Name) or d.id != "staticmethod" for d in task.above)


#: The methods of a Task class between a call and the function (celery/app/task.py).
_WAY: Final = {
    "__call__": ("__call__",),
    "apply": ("apply", "__call__"),
    "si": ("si", "signature", "apply_async"),
    "s": ("s", "signature", "apply_async"),
    "subtask": ("subtask", "signature", "apply_async"),
    "delay_on_commit": ("delay_on_commit", "apply_async_on_commit", "apply_async"),
    "send_task": ("__call__",),
}


def _checked(task: Task, base: TaskClass) -> bool:
    """Whether Celery surely checks the arguments where the message is sent."""
    from flake8_celery.core.model import Option

    if not all(library.checked for library in base.libraries):
        return False
    plain = task.style != "project" and not task.arguments.splat_keywords
    for name, wanted in (("typing", True), ("pydantic", False)):
        if plain and name not in task.arguments.keywords and base.lacks(name):
            continue
        option = task.option(name)
        if isinstance(option, Unknown):
            return False
        if isinstance(option, Option):
            values = task.option_values(option)
            if isinstance(values, Unknown) or not all(value is wanted for value in values):
                return False
    application = task.full_application
    return application is None or not application.lax


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
    if found.kind == POSITIONAL_ONLY:
        return f"{found.name} can't be given by name"
    names = [*parameters.positional[parameters.only :], *parameters.keyword_only]
    meant = near_miss(found.name, names)
    return f"no parameter {found.name}" + (f", did you mean {meant}?" if meant else "")


def shape(positional: Iterable[ast.expr], keywords: Iterable[ast.keyword]) -> Call:
    """What a call's arguments give, splats as 'more may come'."""
    count = 0
    more = False
    for argument in positional:
        if isinstance(argument, ast.Starred):
            more = True
        else:
            count += 1
    names = [keyword.arg for keyword in keywords]
    return Call(count, frozenset(name for name in names if name), more, None in names)
