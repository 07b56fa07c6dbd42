"""A task's public interface: its parameters and how it is delivered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flake8_celery.core.contract.binding import Parameters
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.record import NamedTuple

POSITIONAL_ONLY: Final = "positional-only"
POSITIONAL: Final = "positional"
VARIADIC: Final = "variadic"
KEYWORD_ONLY: Final = "keyword-only"
KEYWORDS: Final = "keywords"
KINDS: Final = (POSITIONAL_ONLY, POSITIONAL, VARIADIC, KEYWORD_ONLY, KEYWORDS)


class Parameter(NamedTuple):
    """One parameter: its name, one of `KINDS`, and whether it has a default."""

    name: str
    kind: str
    default: bool = False

    @property
    def shown(self) -> str:
        """The name with its stars, as one would write it."""
        stars = "*" if self.kind == VARIADIC else "**" if self.kind == KEYWORDS else ""
        return stars + self.name


class TaskContract(NamedTuple):
    """What others rely on of one task."""

    name: str
    file: str
    """The file, relative to the lock (or to where the caller counts from), with slashes."""
    module: str
    qualname: str
    """Of the function that runs, as Python's own errors name it."""
    parameters: tuple[Parameter, ...] | None
    """What a message may give, without the one that `bind` takes; None where not known."""
    bind: str | None = None
    """The name of the parameter that takes the task itself, of a bound task."""
    queue: str | Unknown | None = None
    """The queue that the task asks for; None for none of its own."""
    serializer: str | Unknown | None = None
    explicit: bool = False
    """The name is written out, and does not depend on the module and the function."""

    @property
    def signature(self) -> Parameters | Unknown:
        """The parameters for `core.contract.binding`; UNKNOWN where not known."""
        return UNKNOWN if self.parameters is None else take_apart(self.parameters, self.bind)


def take_apart(given: Iterable[Parameter], bind: str | None = None) -> Parameters:
    """A list of parameters as what a message may give; `bind` names the one for the task itself."""
    given = tuple(given)
    names = {parameter.kind: parameter.name for parameter in given}
    return Parameters(
        tuple(p.name for p in given if p.kind in (POSITIONAL_ONLY, POSITIONAL)),
        sum(p.kind == POSITIONAL_ONLY for p in given),
        frozenset(p.name for p in given if not p.default and p.kind not in (VARIADIC, KEYWORDS)),
        tuple(p.name for p in given if p.kind == KEYWORD_ONLY),
        VARIADIC in names,
        KEYWORDS in names,
        bind,
        stars=(names.get(VARIADIC, ""), names.get(KEYWORDS, "")),
    )


class Leftover(NamedTuple):
    """A task that can't stand in the lock: where it is, and why."""

    line: int
    qualname: str
    reason: str
    name: str | None = None
    """Its name, where that is known all the same."""
    any: bool = False
    """Nothing limits what its name may be."""
