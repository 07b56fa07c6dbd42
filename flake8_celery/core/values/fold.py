"""What an expression may be worth."""

from __future__ import annotations

import ast
import datetime
from collections.abc import Callable, Iterable
from typing import Any, Final

from flake8_celery.core.syntax.regions import Binding, Region
from flake8_celery.core.values import elsewhere, lookups
from flake8_celery.core.values.containers import subscript
from flake8_celery.core.values.elsewhere import unbound
from flake8_celery.core.values.lookups import attribute
from flake8_celery.core.values.names import NameResolver
from flake8_celery.core.values.operators import COMPARISONS, OPERATORS
from flake8_celery.core.values.sequences import (
    FOLDED_CALLS,
    RECORDED,
    Comprehension,
    bound_by,
    builtin_call,
    comprehension,
    is_orderless,
    items_of,
    record,
)
from flake8_celery.core.values.unknown import (
    CLOSED,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_STEPS,
    MAX_VALUES,
    UNKNOWN,
    Closed,
    Member,
    Stream,
    Unknown,
    Values,
    bounded,
    distinct,
    unknown_of,
)

_CHANGED: Final = Closed()
"""A container that is changed, or handed out, somewhere."""


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
        if any(isinstance(value, Stream) for value in found):
            return UNKNOWN
        return tuple("".join(v) if isinstance(v, Member) else v for v in found)

    def records(self, node: ast.expr, region: Region) -> Values:
        """As `values`, where a declaration such as `Queue("x")` is worth a `Record`."""
        self.steps = 0
        self.recording = True
        try:
            return self.folded(region.module.owner or self, node, region, 0)
        finally:
            self.recording = False

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
            apply = OPERATORS.get(type(node.op))
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
        if isinstance(node, Comprehension):
            return comprehension(self, node, region, depth)
        if isinstance(node, ast.Compare):
            return self._fold_comparison(node, region, depth)
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
        if node in self.assumed:
            return self.assumed[node]
        bindings = region.lookup(node.id)
        if bindings is None:
            if node.id == "__name__" and self._module_name is not None:
                name = self._module_name()
                return (name,) if name is not None else UNKNOWN
            if region.module.star:
                return unbound(self, node, depth)
            return UNKNOWN
        scope = bindings[0].scope
        if scope.star and scope.parent is None:
            return unbound(self, node, depth)
        found: Values = UNKNOWN
        if len(bindings) == 1 or all(binding.how != "augment" for binding in bindings):
            found = self._fold_bindings(node, bindings, depth)
            if not isinstance(found, Unknown) or (len(bindings) == 1 and found is not _CHANGED):
                return found
        from flake8_celery.core.values.held import flowing

        flowed = flowing(self, node, region, scope, depth)
        return found if flowed is UNKNOWN else flowed

    def _fold_bindings(self, node: ast.Name, bindings: list[Binding], depth: int) -> Values:
        """All that a name ever has, whatever way control takes."""
        if len(bindings) > MAX_VALUES:
            return CLOSED
        found: list[object] = []
        for binding in bindings:
            values = self.fold_binding(binding, depth, node.id)
            if isinstance(values, Unknown):
                return values if len(bindings) == 1 else unknown_of(values)
            if any(isinstance(value, (list, dict, set)) for value in values):
                from flake8_celery.core.values.changes import stays

                if not stays(self, node.id):
                    return _CHANGED
            if any(isinstance(value, Stream) for value in values):
                return CLOSED
            found += values
        return self._limited(found)

    def fold_binding(self, binding: Binding, depth: int, name: str = "") -> Values:
        """The values that one place gives a name."""
        if binding.how in ("assign", "walrus") and binding.value is not None:
            return self.fold(binding.value, binding.scope, depth)
        if binding.how == "import":
            return elsewhere.imported(self, binding.target, depth)
        if binding.how in ("parameter", "loop") and self.given:
            given = self.given.get((binding.node, name))
            if given is not None:
                return given
        if binding.how in ("loop", "unpack") and name:
            return bound_by(self, binding, name, depth)
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
                if not isinstance(values, Unknown) and any(is_orderless(v) for v in values):
                    return UNKNOWN
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
        rows: list[list[object]] = [[]]
        for element in node.elts:
            starred = isinstance(element, ast.Starred)
            values = self.fold(element.value if starred else element, region, depth)  # type: ignore[attr-defined]
            if isinstance(values, Unknown):
                return unknown_of(values)
            longer = []
            for value in values:
                items = items_of(value) if starred else [value]
                if items is None or (
                    starred and is_orderless(value) and not isinstance(node, ast.Set)
                ):
                    return UNKNOWN
                longer.append(items)
            rows = [[*row, *items] for row in rows for items in longer]
            if len(rows) > MAX_VALUES:
                return UNKNOWN
        made = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
        return distinct(made(row) for row in rows)

    def _fold_dict(self, node: ast.Dict, region: Region, depth: int) -> Values:
        if len(node.keys) > MAX_ITEMS:
            return UNKNOWN
        rows: list[dict[object, object]] = [{}]
        for key, value in zip(node.keys, node.values, strict=True):
            values = self.fold(value, region, depth)
            keys: Values = (None,) if key is None else self.fold(key, region, depth)
            if isinstance(keys, Unknown) or isinstance(values, Unknown):
                return unknown_of(keys, values)
            if key is None:
                rows = [{**row, **more} for row in rows for more in values]  # type: ignore[dict-item]
            else:
                rows = [{**row, one: more} for row in rows for one in keys for more in values]
            if len(rows) > MAX_VALUES:
                return UNKNOWN
        return distinct(rows)

    def _fold_comparison(self, node: ast.Compare, region: Region, depth: int) -> Values:
        apply = COMPARISONS.get(type(node.ops[0]))
        if apply is None or len(node.ops) > 1:
            return UNKNOWN
        left = self.fold(node.left, region, depth)
        if isinstance(left, Closed):
            return left
        return self._combine(apply, left, self.fold(node.comparators[0], region, depth))

    def _fold_call(self, node: ast.Call, region: Region, depth: int) -> Values:
        func = node.func
        if isinstance(func, ast.Name) and func.id in FOLDED_CALLS and region.is_builtin(func.id):
            return builtin_call(self, func.id, node, region, depth)
        name = self.qualname(func, region)
        if name == "datetime.timedelta":
            return self._fold_timedelta(node, region, depth)
        if self.root.recording and name in RECORDED:
            return record(self, name, node, region, depth)
        if isinstance(func, ast.Attribute) and func.attr == "total_seconds" and not node.args:
            values = self.fold(func.value, region, depth)
            if isinstance(values, Unknown):
                return UNKNOWN
            return distinct(value.total_seconds() for value in values)  # type: ignore[attr-defined]
        found = lookups.call(self, node, region, depth)
        if found is not UNKNOWN:
            return found
        from flake8_celery.core.values.returned import returned_by

        return returned_by(self, node, region, depth)

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
