"""What an expression may be worth."""

from __future__ import annotations

import ast
import builtins
import datetime
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flake8_celery.core.syntax.regions import Binding, Region
from flake8_celery.core.values import elsewhere, lookups
from flake8_celery.core.values.changes import stays
from flake8_celery.core.values.containers import subscript
from flake8_celery.core.values.elsewhere import unbound
from flake8_celery.core.values.flowing import flowing
from flake8_celery.core.values.lookups import attribute
from flake8_celery.core.values.names import NameResolver
from flake8_celery.core.values.unknown import (
    CLOSED,
    MAX_BITS,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_STEPS,
    MAX_TEXT,
    MAX_VALUES,
    UNKNOWN,
    Closed,
    Member,
    Unknown,
    Values,
    bounded,
    distinct,
    unknown_of,
)

#: Calls of builtins that are worked out where every argument is known.
_FOLDED_CALLS: Final = frozenset(
    {"int", "float", "str", "range", "len", "min", "max", "abs", "round", "bool"}
)


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


_OPERATORS: Final[Mapping[type, Callable[[Any, Any], object]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiply,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _format,
    ast.Pow: _power,
    ast.LShift: _shift,
    ast.RShift: operator.rshift,
}


class FoldingResolver(NameResolver):
    """What an expression may be worth."""

    def values(self, node: ast.expr, region: Region) -> Values:
        """See `Resolver.values`."""
        if isinstance(node, ast.Constant):
            return (node.value,)
        self.steps = 0
        found = self.folded(region.module.owner or self, node, region, 0)
        if isinstance(found, Unknown):
            return found
        return tuple("".join(v) if isinstance(v, Member) else v for v in found)

    def fold(self, node: ast.expr, region: Region, depth: int) -> Values:
        """The possible values, as `values`; raises where an operation on them would."""
        if isinstance(node, ast.Constant):
            return (node.value,) if bounded(node.value) else UNKNOWN
        root = self.root
        root.steps += 1
        if depth > MAX_DEPTH or root.steps > MAX_STEPS:
            return UNKNOWN if depth > MAX_DEPTH else CLOSED
        depth += 1
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
            return self._fold_lookup(node, region, depth)
        if isinstance(node, ast.BinOp):
            apply = _OPERATORS.get(type(node.op))
            if apply is None:
                return UNKNOWN
            left = self.fold(node.left, region, depth)
            if isinstance(left, Closed):
                return left
            return self._combine(apply, left, self.fold(node.right, region, depth))
        if isinstance(node, ast.UnaryOp):
            operands = self.fold(node.operand, region, depth)
            if isinstance(operands, Unknown):
                return unknown_of(operands)
            if isinstance(node.op, ast.Not):
                return distinct(not value for value in operands)
            if isinstance(node.op, ast.USub):
                return distinct(-value for value in operands)  # type: ignore[operator]
            if isinstance(node.op, ast.UAdd):
                return distinct(+value for value in operands)  # type: ignore[operator]
            return UNKNOWN
        if isinstance(node, ast.IfExp):
            return self._union((node.body, node.orelse), region, depth)
        if isinstance(node, ast.BoolOp):
            return self._union(node.values, region, depth)
        if isinstance(node, ast.NamedExpr):
            return self.fold(node.value, region, depth)
        if isinstance(node, ast.JoinedStr):
            return self._fold_text(node, region, depth)
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return self._fold_sequence(node, region, depth)
        if isinstance(node, ast.Dict):
            return self._fold_dict(node, region, depth)
        return UNKNOWN

    def _fold_lookup(
        self,
        node: ast.Name | ast.Attribute | ast.Call | ast.Subscript,
        region: Region,
        depth: int,
    ) -> Values:
        found: Values
        if isinstance(node, ast.Name):
            found = self._fold_name(node, region, depth)
        elif isinstance(node, ast.Call):
            found = self._fold_call(node, region, depth)
        else:
            if isinstance(node, ast.Attribute):
                found = attribute(self, node, region, depth)
            else:
                found = subscript(self, node, region, depth)
        return self.root.beyond(node, region, self) if found is UNKNOWN else found

    def _fold_name(self, node: ast.Name, region: Region, depth: int) -> Values:
        bindings = region.lookup(node.id)
        if bindings is None:
            if node.id == "__name__" and self._module_name is not None:
                name = self._module_name()
                return (name,) if name is not None else UNKNOWN
            if region.module.star:
                return unbound(self, node, depth)
            return UNKNOWN
        if len(bindings) > MAX_VALUES:
            return CLOSED
        scope = bindings[0].scope
        if scope.star and scope.parent is None:
            return unbound(self, node, depth)
        ways = {binding.how for binding in bindings}
        if "augment" in ways and ways <= {"assign", "augment"}:
            return flowing(self, node, scope, depth)
        found: list[object] = []
        for binding in bindings:
            values = self.fold_binding(binding, depth)
            if isinstance(values, Unknown):
                return values if len(bindings) == 1 else unknown_of(values)
            if any(isinstance(value, (list, dict, set)) for value in values):
                if not stays(self, node.id):
                    return CLOSED
            found += values
        return self._limited(found)

    def fold_binding(self, binding: Binding, depth: int) -> Values:
        """The values that one place gives a name."""
        if binding.how in ("assign", "walrus") and binding.value is not None:
            return self.fold(binding.value, binding.scope, depth)
        if binding.how == "import":
            return elsewhere.imported(self, binding.target, depth)
        return UNKNOWN if binding.how in ("function", "class") else CLOSED

    def _union(self, nodes: Iterable[ast.expr], region: Region, depth: int) -> Values:
        found: list[object] = []
        unknown: list[Values] = []
        for node in nodes:
            values = self.fold(node, region, depth)
            if isinstance(values, Unknown):
                unknown.append(values)
            else:
                found += values
        return unknown_of(*unknown) if unknown else self._limited(found)

    @staticmethod
    def _limited(found: list[object]) -> Values:
        values = distinct(found)
        return values if 0 < len(values) <= MAX_VALUES else UNKNOWN

    def _combine(self, apply: Callable[[Any, Any], object], left: Values, right: Values) -> Values:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return unknown_of(left, right)
        if len(left) * len(right) > MAX_VALUES:
            return UNKNOWN
        found = [apply(a, b) for a in left for b in right]
        return self._limited(found) if all(bounded(value) for value in found) else UNKNOWN

    def _fold_text(self, node: ast.JoinedStr, region: Region, depth: int) -> Values:
        texts: tuple[object, ...] = ("",)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in (-1, 115):
                    return UNKNOWN
                values = self.fold(part.value, region, depth)
            else:
                values = self.fold(part, region, depth)
            combined = self._combine(lambda a, b: f"{a}{b}", texts, values)
            if isinstance(combined, Unknown):
                return combined
            texts = combined
        return texts

    def _fold_sequence(
        self, node: ast.Tuple | ast.List | ast.Set, region: Region, depth: int
    ) -> Values:
        if len(node.elts) > MAX_ITEMS:
            return UNKNOWN
        items: list[object] = []
        for element in node.elts:
            values = (
                UNKNOWN if isinstance(element, ast.Starred) else self.fold(element, region, depth)
            )
            if isinstance(values, Unknown) or len(values) != 1:
                return unknown_of(values)
            items.append(values[0])
        if isinstance(node, ast.Tuple):
            return (tuple(items),)
        if isinstance(node, ast.List):
            return (items,)
        return (set(items),)

    def _fold_dict(self, node: ast.Dict, region: Region, depth: int) -> Values:
        if len(node.keys) > MAX_ITEMS:
            return UNKNOWN
        found: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                return UNKNOWN
            keys = self.fold(key, region, depth)
            values = self.fold(value, region, depth)
            if isinstance(keys, Unknown) or isinstance(values, Unknown):
                return unknown_of(keys, values)
            if len(keys) != 1 or len(values) != 1:
                return UNKNOWN
            found[keys[0]] = values[0]
        return (found,)

    def _fold_call(self, node: ast.Call, region: Region, depth: int) -> Values:
        func = node.func
        if isinstance(func, ast.Name) and func.id in _FOLDED_CALLS:
            if not region.is_builtin(func.id) or node.keywords or not 1 <= len(node.args) <= 3:
                return UNKNOWN
            columns: list[object] = []
            for argument in node.args:
                values = self.fold(argument, region, depth)
                if isinstance(values, Unknown) or len(values) != 1:
                    return unknown_of(values)
                columns.append(values[0])
            result = getattr(builtins, func.id)(*columns)
            return (result,) if bounded(result) else UNKNOWN
        name = self.qualname(func, region)
        if name == "datetime.timedelta":
            return self._fold_timedelta(node, region, depth)
        if isinstance(func, ast.Attribute) and func.attr == "total_seconds" and not node.args:
            values = self.fold(func.value, region, depth)
            if isinstance(values, Unknown):
                return UNKNOWN
            return distinct(value.total_seconds() for value in values)  # type: ignore[attr-defined]

        return lookups.call(self, node, region, depth)

    def _fold_timedelta(self, node: ast.Call, region: Region, depth: int) -> Values:
        positional: list[object] = []
        named: dict[str, object] = {}
        for argument in node.args:
            values = self.fold(argument, region, depth)
            if isinstance(values, Unknown) or len(values) != 1:
                return UNKNOWN
            positional.append(values[0])
        for keyword in node.keywords:
            values = self.fold(keyword.value, region, depth)
            if keyword.arg is None or isinstance(values, Unknown) or len(values) != 1:
                return UNKNOWN
            named[keyword.arg] = values[0]
        return (datetime.timedelta(*positional, **named),)  # type: ignore[arg-type]
