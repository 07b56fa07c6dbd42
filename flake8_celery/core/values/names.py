"""What names lead to: imports, definitions, the expressions behind them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.core.syntax.regions import Binding, Region, dotted
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import MAX_DEPTH, MAX_VALUES, UNKNOWN, Expressions
from flake8_celery.tables.exceptions import is_exception_class

#: Expressions that stand for others.
_LEADING_ON: Final = frozenset({ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Name, ast.Attribute})
#: By these a name gets an expression that is written out.
_WRITTEN: Final = frozenset({"assign", "walrus"})
#: By these a name gets what only a caller or a run could tell.
_GIVEN: Final = frozenset({"parameter", "loop", "with", "unpack"})


def is_of_given(node: ast.expr, region: Region) -> bool:
    """Tell whether it is an attribute of what a parameter, a loop or a `with` gave: `order.pk`.

    Nothing in the source says what that is, and most arguments are such.
    """
    if not isinstance(node, ast.Attribute):
        return False
    while isinstance(node, ast.Attribute):
        node = node.value
    found = region.lookup(node.id) if isinstance(node, ast.Name) else None
    return bool(found) and all(binding.how in _GIVEN for binding in found or ())


class NameResolver(Resolver):
    """What names lead to: imports, definitions, the expressions behind them."""

    def qualname(self, node: ast.expr, region: Region) -> str | None:
        """See `Resolver.qualname`."""
        parts: list[str] = []
        for _ in range(MAX_DEPTH):
            if isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
                continue
            if not isinstance(node, ast.Name):
                return None
            base = self._name_qualname(node.id, region)
            if isinstance(base, str):
                return ".".join((base, *reversed(parts))) if parts else base
            if base is None:
                return None
            node, region = base
        return None

    def _name_qualname(self, name: str, region: Region) -> str | tuple[ast.expr, Region] | None:
        found = region.lookup(name)
        if not found:
            return None
        target: str | None = None
        alias: tuple[ast.expr, Region] | None = None
        for binding in found:
            if binding.how == "import":
                if target is not None and target != binding.target:
                    # `try: from a import x` / `except ImportError: from b import x`
                    if target.rpartition(".")[2] != binding.target.rpartition(".")[2]:
                        return None
                    continue
                target = binding.target
            elif binding.how == "assign" and binding.value is not None:
                value = binding.value
                if isinstance(value, ast.Constant) and value.value is None:
                    continue
                if alias is not None or not isinstance(value, (ast.Name, ast.Attribute)):
                    return None
                alias = (value, binding.scope)
            else:
                return None
        if target is not None:
            return None if alias is not None else target
        return alias

    def definition(self, node: ast.expr, region: Region) -> tuple[ast.AST, Region] | None:
        """See `Resolver.definition`."""
        return self._definition(node, region, 0)

    def _definition(
        self, node: ast.expr, region: Region, depth: int
    ) -> tuple[ast.AST, Region] | None:
        # a name may stand for an attribute of itself: what was taken above counts below
        for step in range(depth, MAX_DEPTH):
            if isinstance(node, ast.Attribute):
                holder = self._definition(node.value, region, step + 1)
                if holder is None or not isinstance(holder[0], ast.ClassDef):
                    return None
                inner = self.class_regions.get(holder[0])
                found = inner.bindings.get(node.attr) if inner is not None else None
            elif isinstance(node, ast.Name):
                found = region.lookup(node.id)
            else:
                return None
            if not found or len(found) != 1:
                return None
            binding = found[0]
            if binding.how in ("function", "class"):
                return binding.node, binding.scope
            if binding.how != "assign" or binding.value is None:
                return None
            node, region = binding.value, binding.scope
        return None

    def expressions(self, node: ast.expr, region: Region) -> Expressions:
        """See `Resolver.expressions`."""
        if type(node) not in _LEADING_ON:
            return ((node, region),)
        found: list[tuple[ast.expr, Region]] = []
        pending: list[tuple[ast.expr, Region]] = [(node, region)]
        seen: set[ast.AST] = set()
        while pending:
            node, region = pending.pop()
            if node in seen:
                # a name that leads to itself (x = x or ...)
                return UNKNOWN
            seen.add(node)
            if len(seen) > MAX_DEPTH:
                return UNKNOWN
            if isinstance(node, ast.IfExp):
                pending += ((node.body, region), (node.orelse, region))
            elif isinstance(node, ast.BoolOp):
                pending += ((value, region) for value in node.values)
            elif isinstance(node, ast.NamedExpr):
                pending.append((node.value, region))
            elif isinstance(node, ast.Name):
                bindings = region.lookup(node.id)
                if bindings is None:
                    if not region.is_builtin(node.id):
                        return UNKNOWN
                    found.append((node, region))
                    continue
                if len(bindings) > MAX_DEPTH:
                    return UNKNOWN
                holding: Sequence[Binding] = bindings
                if len(bindings) > 1 and any(b.how not in _WRITTEN for b in bindings):
                    from flake8_celery.core.values.flowing import reaching

                    holding = reaching(self, node, region, bindings)
                for binding in holding:
                    if binding.how in ("assign", "walrus") and binding.value is not None:
                        pending.append((binding.value, binding.scope))
                    elif (
                        binding.how in ("import", "function", "class", "except")
                        and len(holding) == 1
                    ):
                        found.append((node, region))
                    else:
                        return UNKNOWN
            elif isinstance(node, ast.Attribute):
                member = self._class_attribute(node, region)
                if member is None:
                    found.append((node, region))
                else:
                    pending.append(member)
            else:
                found.append((node, region))
            if len(found) > MAX_VALUES:
                return UNKNOWN
        return tuple(found)

    def _class_attribute(
        self, node: ast.Attribute, region: Region
    ) -> tuple[ast.expr, Region] | None:
        """The expression behind `Config.QUEUE` or `Queues.HIGH.value`, for a class in sight."""
        holder: ast.expr = node.value
        through_value = False
        name = node.attr
        if name == "value" and isinstance(holder, ast.Attribute):
            name, holder, through_value = holder.attr, holder.value, True
        found = (
            self.definition(holder, region)
            if isinstance(holder, (ast.Name, ast.Attribute))
            else None
        )
        if found is None or not isinstance(found[0], ast.ClassDef):
            return None
        inner = self.class_regions.get(found[0])
        bindings = inner.bindings.get(name) if inner is not None else None
        if not bindings or len(bindings) != 1 or bindings[0].how != "assign":
            return None
        value = bindings[0].value
        if value is None:
            return None
        enum = self._enum_kind(found[0], found[1])
        if through_value != (enum is not None) and enum != "text":
            # a plain Enum member is no str; `.value` of a plain class attribute is something else
            return None
        if enum is not None and isinstance(value, ast.Call):
            return None
        return value, bindings[0].scope

    def _enum_kind(self, node: ast.ClassDef, region: Region) -> str | None:
        """`text` for an Enum whose members are str or int too, `plain` for others, or None."""
        from flake8_celery.core.values.enums import enum_kind_of

        kind = enum_kind_of(self.qualname(b, region) or dotted(b) or "" for b in node.bases)
        return "text" if kind == "mixed" else kind

    def is_exception(self, node: ast.AST, region: Region) -> bool:
        """Tell whether a class of this module certainly is an exception class."""
        pending: list[tuple[ast.AST, Region]] = [(node, region)]
        for _ in range(MAX_DEPTH):
            if not pending:
                return False
            node, region = pending.pop()
            if not isinstance(node, ast.ClassDef):
                continue
            for base in node.bases:
                if isinstance(base, ast.Name) and region.is_builtin(base.id):
                    value = getattr(builtins, base.id)
                    if isinstance(value, type) and issubclass(value, BaseException):
                        return True
                found = self.definition(base, region)
                if found is not None:
                    pending.append(found)
                elif is_exception_class(self.qualname(base, region) or ""):
                    return True
        return False

    def bases(self, node: ast.ClassDef, region: Region) -> Iterator[tuple[ast.expr, Region]]:
        """The base expressions of a class and of its bases in this module, nearest first."""
        pending: list[tuple[ast.ClassDef, Region]] = [(node, region)]
        seen: set[ast.AST] = set()
        while pending and len(seen) < MAX_DEPTH:
            node, region = pending.pop(0)
            if node in seen:
                continue
            seen.add(node)
            for base in node.bases:
                if isinstance(base, ast.Subscript):
                    base = base.value  # Task[P, R], as typed code writes it
                yield base, region
                found = self.definition(base, region)
                if found is not None and isinstance(found[0], ast.ClassDef):
                    pending.append((found[0], found[1]))
