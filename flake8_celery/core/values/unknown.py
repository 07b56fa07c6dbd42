"""What is not known, and how large an answer may be."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Final

from flake8_celery.core.syntax.regions import Region

MAX_DEPTH: Final = 40
MAX_VALUES: Final = 8
MAX_STEPS: Final = 2000
MAX_TEXT: Final = 10_000
MAX_BITS: Final = 4096
MAX_ITEMS: Final = 1000


class Unknown:
    """Nothing can be said. False in a condition."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


class Environment(Unknown):
    """The value comes from the environment, with `default` (a tuple of values or UNKNOWN)."""

    __slots__ = ("default",)

    def __init__(self, default: Values) -> None:
        self.default = default

    def __repr__(self) -> str:
        return f"Environment({self.default!r})"


class Closed(Unknown):
    """Nothing more can be found out: a parameter, a loop's name, a list that is changed."""

    __slots__ = ()


UNKNOWN: Final = Unknown()
CLOSED: Final = Closed()
Values = tuple[object, ...] | Unknown
Kinds = frozenset[str] | Unknown
Expressions = tuple[tuple[ast.expr, Region], ...] | Unknown
TOO_LARGE: Final = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError)


def distinct(values: Iterable[object]) -> tuple[object, ...]:
    """The values without repetitions, where 1, 1.0 and True count as three."""
    seen: dict[tuple[str, str], object] = {}
    for value in values:
        seen.setdefault((type(value).__name__, repr(value)), value)
    return tuple(seen.values())


def bounded(value: object) -> bool:
    """Tell whether a folded value is small enough to go on with."""
    if isinstance(value, (str, bytes)):
        return len(value) <= MAX_TEXT
    if isinstance(value, int):
        return value.bit_length() <= MAX_BITS
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return len(value) <= MAX_ITEMS
    return True


class Stream(tuple[object, ...]):
    """What can be gone through once (a generator, `zip`), or a view of something else."""

    __slots__ = ()


class Record:
    """The call of a known class with what is known of its arguments, as a value: `Queue("x")`."""

    __slots__ = ("keywords", "name", "positional")

    def __init__(
        self, name: str, positional: tuple[Values, ...], keywords: Mapping[str, Values]
    ) -> None:
        self.name = name
        self.positional = positional
        self.keywords = keywords

    def __repr__(self) -> str:
        return f"{self.name}(*{self.positional!r}, **{dict(self.keywords)!r})"

    def get(self, name: str, position: int) -> Values:
        """The values of an argument; UNKNOWN where it isn't given."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if position < len(self.positional) else UNKNOWN


class Member(str):
    """A member of `class X(str, Enum)`: equal to its value, but its text depends on the Python."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        raise TypeError

    def __str__(self) -> str:
        raise TypeError


def unknown_of(*parts: Values) -> Unknown:
    """Why a whole is unknown, by its parts: from the environment, closed, or simply unknown."""
    closed = False
    for part in parts:
        if isinstance(part, Environment):
            return Environment(UNKNOWN)
        closed = closed or isinstance(part, Closed)
    return CLOSED if closed else UNKNOWN
