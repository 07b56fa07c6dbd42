"""What a message of one state of a task does to another state of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flake8_celery.core.contract.binding import CallShape
from flake8_celery.core.contract.interface import (
    KEYWORD_ONLY,
    KEYWORDS,
    POSITIONAL,
    POSITIONAL_ONLY,
    VARIADIC,
    Parameter,
    TaskContract,
)
from flake8_celery.record import NamedTuple


class MessageShape(NamedTuple):
    """A signature taken apart, for the questions below."""

    positional: tuple[str, ...]
    only: int
    required: frozenset[str]
    keyword_only: frozenset[str]
    variadic: str | None
    keywords: str | None
    places: Mapping[str, int]
    """Of each of `positional`."""

    def place(self, name: str) -> int:
        """The position of a parameter that can be given by position, or -1."""
        return self.places.get(name, -1)

    def takes_keyword(self, name: str) -> bool:
        """Whether a parameter of that name can be given by keyword."""
        return name in self.keyword_only or self.place(name) >= self.only

    def has(self, name: str) -> bool:
        """Whether there is a parameter of that name, splats apart."""
        return name in self.keyword_only or name in self.places


def take_apart(parameters: Iterable[Parameter]) -> MessageShape:
    given = tuple(parameters)
    stars = {p.kind: p.name for p in given}
    positional = tuple(p.name for p in given if p.kind in (POSITIONAL_ONLY, POSITIONAL))
    return MessageShape(
        positional,
        sum(p.kind == POSITIONAL_ONLY for p in given),
        frozenset(p.name for p in given if not p.default and p.kind not in (VARIADIC, KEYWORDS)),
        frozenset(p.name for p in given if p.kind == KEYWORD_ONLY),
        stars.get(VARIADIC),
        stars.get(KEYWORDS),
        {name: place for place, name in enumerate(positional)},
    )


def call_error(task: TaskContract, call: CallShape) -> str:
    """Python's own words for why the worker can't run this message, or an empty string.

    What a splat of the call may add is taken to be there wherever it helps.
    """
    if task.parameters is None:
        return ""
    shape = take_apart(task.parameters)
    positional = shape.positional
    bound = 1 if task.bind else 0
    problem = ""
    filled = set(positional[: call.positional])
    for name in sorted(call.keywords):
        if shape.takes_keyword(name):
            if name in filled:
                problem = problem or f"got multiple values for argument '{name}'"
            filled.add(name)
        elif name == task.bind and not shape.only:
            problem = problem or f"got multiple values for argument '{name}'"
        elif shape.keywords is None:
            # `self` of a bound task is one of them where others are
            before = (task.bind or "", *positional[: shape.only]) if shape.only else ()
            only = [each for each in before if each in call.keywords]
            problem = problem or (
                "got some positional-only arguments passed as keyword arguments: "
                f"'{', '.join(only)}'"
                if only
                else f"got an unexpected keyword argument '{name}'"
            )
    if not problem and call.positional > len(positional) and shape.variadic is None:
        problem = _too_many(shape, call, filled, bound)
    if not problem:
        missing = [
            name
            for index, name in enumerate(positional)
            if name in shape.required
            and name not in filled
            and not call.more_positional
            and not (call.more_keywords and index >= shape.only)
        ]
        kind = "positional"
        if not missing and not call.more_keywords:
            kind = "keyword-only"
            missing = [
                p.name
                for p in task.parameters
                if p.kind == KEYWORD_ONLY and not p.default and p.name not in filled
            ]
        if missing:
            plural = "s" if len(missing) > 1 else ""
            problem = f"missing {len(missing)} required {kind} argument{plural}: {_listed(missing)}"
    return f"TypeError: {task.qualname}() {problem}" if problem else ""


def _too_many(shape: MessageShape, call: CallShape, filled: set[str], bound: int) -> str:
    takes = len(shape.positional) + bound
    least = takes - sum(name not in shape.required for name in shape.positional)
    given = call.positional + bound
    extra = len(filled & shape.keyword_only)
    count = str(takes) if least == takes else f"from {least} to {takes}"
    plural = "s" if least != takes or takes != 1 else ""
    more = ""
    if extra:
        more = (
            f" positional argument{'s' if given != 1 else ''} (and {extra} keyword-only"
            f" argument{'s' if extra != 1 else ''})"
        )
    verb = "was" if given == 1 and not extra else "were"
    return f"takes {count} positional argument{plural} but {given}{more} {verb} given"


def _listed(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + f", and {quoted[-1]}"


def misplaced(sent: TaskContract, run: TaskContract, call: CallShape) -> tuple[str, str] | None:
    """The first positional argument that lands elsewhere: where it was meant to, and where it does.

    `sent` is the task as the sender knows it, `run` as the worker does. `*args` may get any; what
    was meant for `*args` must not arrive in a parameter.
    """
    if sent.parameters is None or run.parameters is None:
        return None
    meant, got = take_apart(sent.parameters), take_apart(run.parameters)
    for index in range(min(call.positional, len(got.positional))):
        name = meant.positional[index] if index < len(meant.positional) else f"*{meant.variadic}"
        if name != got.positional[index]:
            return name, got.positional[index]
    return None


def accepts(old: TaskContract, call: CallShape, new: TaskContract | None = None) -> str:
    """What fails where a worker that still runs `old` gets this message; empty where nothing does.

    With `new`, the task as the sender knows it, arguments must also land where they are meant to.
    """
    error = call_error(old, call)
    if error or new is None or call.more_positional:
        return error
    wrong = misplaced(new, old, call)
    return f"the argument for {wrong[0]} arrives in {wrong[1]}" if wrong is not None else ""
