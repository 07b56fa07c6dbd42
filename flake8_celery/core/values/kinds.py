"""What sort of thing an expression is."""

from __future__ import annotations

import ast
import builtins
import datetime
from collections.abc import Mapping
from typing import Final

from flake8_celery.core.syntax.regions import FunctionNode, Region
from flake8_celery.core.values.classes import class_of, is_raised
from flake8_celery.core.values.elsewhere import place
from flake8_celery.core.values.fold import FoldingResolver
from flake8_celery.core.values.names import is_of_given
from flake8_celery.core.values.unknown import MAX_DEPTH, UNKNOWN, Kinds, Unknown, Values
from flake8_celery.tables.exceptions import is_exception_class, is_likely_exception_class
from flake8_celery.tables.methods import CANVAS_NAMES, METHOD_RESULTS, SIGNATURE_METHODS

#: What `kinds` may answer besides the names of builtin types (`str`, `int`, `tuple`, ...).
KINDS: Final = frozenset(
    {
        "none",
        "exception",
        "exception-class",
        "function",
        "class",
        "timedelta",
        "datetime",
        "datetime-local",
        "datetime-utc",
        "date",
        "enum",
        "text-enum",
        "namedtuple",
        "instance",
        "pydantic-model",
        "path",
        "pattern",
        "fraction",
        "deque",
        "address",
        "lock",
        "file",
        "task",
        "signature",
        "result",
        "dispatch-reference",
        "generator",
        "module",
    }
)
_TYPE_KINDS: Final[Mapping[type, str]] = {
    type(None): "none",
    datetime.timedelta: "timedelta",
    datetime.datetime: "datetime",
    datetime.date: "date",
}
_BUILTIN_CALLS: Final = frozenset(
    [
        "bool",
        "bytes",
        "bytearray",
        "complex",
        "memoryview",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "range",
        "reversed",
        "set",
        "sorted",
        "str",
        "tuple",
        "repr",
        "len",
        "zip",
        "map",
        "filter",
        "enumerate",
        "open",
    ]
)
_BUILTIN_CALL_KINDS: Final = {
    "sorted": "list",
    "repr": "str",
    "len": "int",
    "zip": "generator",
    "map": "generator",
    "filter": "generator",
    "enumerate": "generator",
    "reversed": "generator",
    "open": "file",
}
# Calls of the standard library and Django whose result is of a known kind.
_CALL_KINDS: Final = {
    "datetime.timedelta": "timedelta",
    "datetime.datetime.utcnow": "datetime-utc",
    "datetime.datetime.today": "datetime-local",
    "datetime.date": "date",
    "datetime.date.today": "date",
    "django.utils.timezone.now": "datetime",
    "django.utils.timezone.localtime": "datetime",
    "django.utils.timezone.make_aware": "datetime",
    "functools.partial": "function",
    "operator.itemgetter": "function",
    "operator.attrgetter": "function",
    "pathlib.Path": "path",
    "pathlib.PurePath": "path",
    "pathlib.Path.cwd": "path",
    "pathlib.Path.home": "path",
    "re.compile": "pattern",
    "fractions.Fraction": "fraction",
    "collections.deque": "deque",
    "ipaddress.ip_address": "address",
    "ipaddress.ip_network": "address",
    "ipaddress.IPv4Address": "address",
    "ipaddress.IPv6Address": "address",
    "threading.Lock": "lock",
    "threading.RLock": "lock",
    "io.BytesIO": "file",
    "io.StringIO": "file",
}
# Taken apart by their arguments: naive without a time zone, aware with one.
_NAIVE_WITHOUT_TZ: Final = {
    "datetime.datetime.now": 0,
    "datetime.datetime.fromtimestamp": 1,
}


_LOOKED_UP: Final = (ast.Name, ast.Attribute, ast.Subscript)


def _is_looked_up(node: ast.expr) -> bool:
    """Tell whether its values may say more: a name, or the call of a function by its name."""
    return isinstance(node, _LOOKED_UP) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )


class KindResolver(FoldingResolver):
    """What sort of thing an expression is."""

    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """See `Resolver.kinds`."""
        expressions = self.expressions(node, region)
        if isinstance(expressions, Unknown):
            if not self.judging or not isinstance(node, ast.Name):
                return UNKNOWN
            # no one expression stands behind it: a loop's name, one that is added to
            expressions = ((node, region),)
        found: set[str] = set()
        for expression, scope in expressions:
            kind = self._kind(expression, scope, 0)
            if kind is not None:
                found.add(kind)
                continue
            values: Values = UNKNOWN
            if self.judging and _is_looked_up(expression):
                values = self.values(expression, scope)
            if isinstance(values, Unknown):
                return UNKNOWN
            found |= {_TYPE_KINDS.get(type(v), type(v).__name__) for v in values}
        return frozenset(found)

    def _kind(self, node: ast.expr, region: Region, depth: int) -> str | None:
        if depth > MAX_DEPTH:
            return None
        depth += 1
        literal = _LITERALS.get(type(node))
        if literal is not None:
            return literal
        if isinstance(node, ast.Constant):
            return _TYPE_KINDS.get(type(node.value), type(node.value).__name__)
        if isinstance(node, ast.Call):
            return self._call_kind(node, region, depth)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name_kind(node, region)
        if isinstance(node, ast.UnaryOp):
            return "bool" if isinstance(node.op, ast.Not) else self._numeric(node, region)
        if isinstance(node, ast.BinOp):
            return self._operation_kind(node, region, depth)
        return None

    def _is_task(self, node: ast.expr, region: Region) -> bool:
        words = self.vocabulary
        return words is not None and words.task(node, region) is not None

    def _numeric(self, node: ast.expr, region: Region) -> str | None:
        values = self.values(node, region)
        if isinstance(values, Unknown):
            return None
        kinds = {_TYPE_KINDS.get(type(value), type(value).__name__) for value in values}
        return kinds.pop() if len(kinds) == 1 else None

    def _single_kind(self, node: ast.expr, region: Region, depth: int) -> str | None:
        found = self.expression(node, region)
        if found is None:
            return None
        return self._kind(*found, depth)

    def _operation_kind(self, node: ast.BinOp, region: Region, depth: int) -> str | None:
        if isinstance(node.op, ast.BitOr):
            # chains nest to the left: walk down instead of recursing
            left: ast.expr = node
            for _ in range(MAX_DEPTH):
                if not (isinstance(left, ast.BinOp) and isinstance(left.op, ast.BitOr)):
                    break
                if self._single_kind(left.right, region, depth + MAX_DEPTH // 4) == "signature":
                    return "signature"
                left = left.left
            return (
                "signature"
                if self._single_kind(left, region, depth + MAX_DEPTH // 4) == "signature"
                else None
            )
        folded = self._numeric(node, region)
        if folded is not None:
            return folded
        if isinstance(node.op, ast.Mod) and isinstance(node.left, (ast.Constant, ast.JoinedStr)):
            return "str" if self._kind(node.left, region, depth) == "str" else None
        if isinstance(node.op, (ast.Add, ast.Sub)):
            left_kind = self._single_kind(node.left, region, depth)
            right_kind = self._single_kind(node.right, region, depth)
            for one, other in ((left_kind, right_kind), (right_kind, left_kind)):
                if one is not None and one.startswith("date") and other == "timedelta":
                    return one
            if left_kind == right_kind and left_kind in ("list", "tuple", "str", "timedelta"):
                return left_kind
        return None

    def _name_kind(self, node: ast.Name | ast.Attribute, region: Region) -> str | None:
        if isinstance(node, ast.Attribute) and node.attr in ("delay", "apply_async"):
            return "dispatch-reference" if self._is_task(node.value, region) else None
        if is_of_given(node, region):
            return None
        if self._is_task(node, region):
            return "task"
        if isinstance(node, ast.Attribute):
            member = self.member_kind(node, region)
            if member is not None:
                return member
        found = self.definition(node, region)
        if found is not None:
            if isinstance(found[0], ast.ClassDef):
                return "exception-class" if self.is_exception(*found) else "class"
            if isinstance(found[0], FunctionNode) and not found[0].decorator_list:
                return "function"
            return None
        if isinstance(node, ast.Name):
            bindings = region.lookup(node.id)
            if bindings is None:
                value = getattr(builtins, node.id, None) if region.is_builtin(node.id) else None
                if isinstance(value, type):
                    return "exception-class" if issubclass(value, BaseException) else "class"
                return "function" if callable(value) else None
            if all(b.how == "except" for b in bindings):
                return "exception"
            if any(b.how == "except" for b in bindings):
                from flake8_celery.core.values.flowing import reaching

                if all(b.how == "except" for b in reaching(self, node, region, bindings)):
                    return "exception"
        name = self.qualname(node, region)
        if name is not None and self._names_exception(name, node, region):
            return "exception-class"
        return None

    def _names_exception(self, name: str, node: ast.expr, region: Region) -> bool:
        """Tell whether an imported name is an exception class, or likely one."""
        if is_exception_class(name):
            return True
        if not self.judging or not name.rpartition(".")[2][:1].isupper():
            return False
        owner = class_of(self, node, region)
        if owner is not None:
            return is_raised(owner)
        return is_likely_exception_class(name) and place(self, name) is None

    def _call_kind(self, node: ast.Call, region: Region, depth: int) -> str | None:
        func = node.func
        if isinstance(func, ast.Name):
            if func.id in _BUILTIN_CALLS and region.is_builtin(func.id):
                return _BUILTIN_CALL_KINDS.get(func.id, func.id)
            if region.is_builtin(func.id):
                value = getattr(builtins, func.id)
                if isinstance(value, type) and issubclass(value, BaseException):
                    return "exception"
        name = self.qualname(func, region)
        if name is not None:
            if name in _CALL_KINDS:
                return _CALL_KINDS[name]
            if name in _NAIVE_WITHOUT_TZ:
                aware = len(node.args) > _NAIVE_WITHOUT_TZ[name] or bool(node.keywords)
                return "datetime" if aware else "datetime-local"
            if name == "datetime.datetime":
                aware = len(node.args) > 7 or any(k.arg in ("tzinfo", None) for k in node.keywords)
                return (
                    "datetime"
                    if aware or any(isinstance(a, ast.Starred) for a in node.args)
                    else None
                )
            if name in CANVAS_NAMES:
                return "signature"
            if name == "celery.result.AsyncResult":
                return "result"
            if is_exception_class(name):
                return "exception"
        found = self.definition(func, region)
        if found is not None:
            if isinstance(found[0], ast.ClassDef):
                if self.is_exception(*found):
                    return "exception"
                return self._instance_kind(found[0], found[1])
            return None
        if name is not None and self.judging and name.rpartition(".")[2][:1].isupper():
            owner = class_of(self, func, region)
            if owner is not None and is_raised(owner):
                return "exception"
        if isinstance(func, ast.Attribute):
            return self._method_kind(node, func, region, depth)
        if isinstance(func, (ast.Call, ast.BinOp)):
            # a canvas called: group(...)()
            return "result" if self._kind(func, region, depth) == "signature" else None
        if isinstance(func, ast.Name) and self._single_kind(func, region, depth) == "signature":
            return "result"
        return None

    def _method_kind(
        self, node: ast.Call, func: ast.Attribute, region: Region, depth: int
    ) -> str | None:
        attr = func.attr
        if (
            attr in ("replace", "astimezone") and any(k.arg == "tzinfo" for k in node.keywords)
        ) or attr == "astimezone":
            kind = self._single_kind(func.value, region, depth)
            return "datetime" if kind is not None and kind.startswith("datetime") else None
        if attr in ("isoformat", "format", "strip", "join", "lower", "upper") and isinstance(
            func.value, (ast.Constant, ast.JoinedStr)
        ):
            return "str" if self._kind(func.value, region, depth) == "str" else None
        produced = METHOD_RESULTS.get(attr)
        if produced is None:
            return None
        if self.vocabulary is not None and self.vocabulary.is_known(node):
            return produced
        if attr not in SIGNATURE_METHODS and self._is_task(func.value, region):
            return produced
        if attr in ("delay", "apply_async", "apply") or attr in SIGNATURE_METHODS:
            receiver = self._single_kind(func.value, region, depth)
            if receiver == "signature":
                return "signature" if attr in SIGNATURE_METHODS else "result"
        return None

    def member_kind(self, node: ast.Attribute, region: Region) -> str | None:
        """`enum` or `text-enum` for a member of an Enum of this module, else None."""
        holder = self.definition(node.value, region)
        if holder is None or not isinstance(holder[0], ast.ClassDef) or node.attr.startswith("_"):
            return None
        kind = self._enum_kind(holder[0], holder[1])
        inner = self.class_regions.get(holder[0])
        if kind is None or inner is None or "__json__" in inner.bindings:
            return None
        found = inner.bindings.get(node.attr)
        if not found or len(found) != 1 or found[0].how != "assign":
            return None
        if kind == "text":
            return "text-enum"
        plain = all(self.qualname(base, holder[1]) in _ENUM_BASES for base in holder[0].bases)
        return "enum" if plain else None

    def _instance_kind(self, node: ast.ClassDef, region: Region) -> str | None:
        """The kind of an object of a class of this module, where nothing makes it more than that.

        `instance` promises that it is none of the types that a serializer knows, and that neither
        the class nor a base has `__json__`.
        """
        pending: list[tuple[ast.ClassDef, Region]] = [(node, region)]
        kind = "instance"
        for _ in range(MAX_DEPTH):
            if not pending:
                return kind
            node, region = pending.pop()
            inner = self.class_regions.get(node)
            if inner is None or node.keywords or not inner.bindings.keys().isdisjoint(_MAKING):
                return None
            for decorator in node.decorator_list:
                func = decorator.func if isinstance(decorator, ast.Call) else decorator
                if self.qualname(func, region) not in _CLASS_DECORATORS:
                    return None
            for base in node.bases:
                plain = base.value if isinstance(base, ast.Subscript) else base
                found = self.definition(plain, region)
                if found is not None and isinstance(found[0], ast.ClassDef):
                    pending.append((found[0], found[1]))
                    continue
                name = self.qualname(plain, region)
                if name in ("typing.NamedTuple", "typing_extensions.NamedTuple"):
                    kind = "namedtuple"
                elif name == "pydantic.BaseModel":
                    kind = "pydantic-model"
                elif name not in _PLAIN_BASES and not (
                    isinstance(plain, ast.Name)
                    and plain.id == "object"
                    and region.is_builtin("object")
                ):
                    return None
        return None


_ENUM_BASES: Final = frozenset({"enum.Enum", "enum.Flag"})
_PLAIN_BASES: Final = frozenset({"abc.ABC", "typing.Generic", "typing.Protocol"})
#: Methods by which a class decides what its objects are, or how they are serialised.
_MAKING: Final = frozenset({"__new__", "__json__", "__getattr__", "__getattribute__"})
_CLASS_DECORATORS: Final = frozenset(
    {
        "dataclasses.dataclass",
        "functools.total_ordering",
        "typing.final",
        "attr.s",
        "attr.attrs",
        "attr.define",
        "attr.frozen",
        "attrs.define",
        "attrs.frozen",
    }
)
_LITERALS: Final[Mapping[type, str]] = {
    ast.Tuple: "tuple",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
    ast.JoinedStr: "str",
    ast.Lambda: "function",
}
