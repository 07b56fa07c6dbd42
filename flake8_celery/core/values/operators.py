"""What an operator makes of two known values, held to a size."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from flake8_celery.core.values.unknown import MAX_BITS, MAX_TEXT


def _multiply(left: Any, right: Any) -> object:
    for text, times in ((left, right), (right, left)):
        if isinstance(text, (str, bytes, list, tuple)):
            if not isinstance(times, int) or len(text) * times > MAX_TEXT:
                raise ValueError
    return left * right


def _power(left: Any, right: Any) -> object:
    if not isinstance(right, (int, float)) or abs(right) > MAX_BITS:
        raise ValueError
    if isinstance(left, int) and left.bit_length() * abs(right) > MAX_BITS:
        raise ValueError
    return left**right


def _shift(left: Any, right: Any) -> object:
    if not isinstance(right, int) or right > MAX_BITS:
        raise ValueError
    return left << right


def _format(left: Any, right: Any) -> object:
    if isinstance(left, str):
        # '%1000000000d' is a large string too
        digits = [int(part) for part in "".join(c if c.isdigit() else " " for c in left).split()]
        if any(width > MAX_TEXT for width in digits) or "*" in left:
            raise ValueError
    return left % right


OPERATORS: Final[Mapping[type, Callable[[Any, Any], object]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiply,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _format,
    ast.Pow: _power,
    ast.LShift: _shift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}


def _is(left: object, right: object) -> bool:
    """Only of None can it be told whether two equal values are one."""
    if left is not None and right is not None:
        raise TypeError
    return left is right


COMPARISONS: Final[Mapping[type, Callable[[Any, Any], object]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: _is,
    ast.IsNot: lambda left, right: not _is(left, right),
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}
