"""What an expression means: its possible values, its kind, the name it goes by.

Rules never look into names themselves: they ask a resolver. `ModuleResolver` knows one module; the
pylint half asks it first and then infers. An answer is either complete or `UNKNOWN`, which is
false in a condition and silence for a rule.
"""

from __future__ import annotations

import ast
import builtins
import datetime
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from flake8_celery.core.collect import Candidates
from flake8_celery.core.notes import Notes
from flake8_celery.core.project import Project
from flake8_celery.core.source import Binding, FunctionNode, Module, Region, Scope
from flake8_celery.options import Options

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
#: Calls of builtins that are worked out where every argument is known.
_FOLDED_CALLS: Final = frozenset(
    {"int", "float", "str", "range", "len", "min", "max", "abs", "round", "bool"}
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
_TOO_LARGE: Final = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError)


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


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` for a chain of attributes on a name, else None; as written, nothing resolved."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


#: Expressions that stand for others.
_LEADING_ON: Final = frozenset({ast.IfExp, ast.BoolOp, ast.NamedExpr, ast.Name, ast.Attribute})

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


class At(NamedTuple):
    """An expression, the region to read it in, and the resolver of the module it stands in."""

    node: ast.expr
    region: Region
    home: Resolver


class Class(NamedTuple):
    """A class definition in some module of the project."""

    node: ast.ClassDef
    region: Region
    home: Resolver

    @property
    def inner(self) -> Scope | None:
        """The region of its body."""
        return self.home.class_regions.get(self.node)


class Outline:
    """One module with its names, regions and values; what they are to Celery is not known yet."""

    __slots__ = (
        "_imported",
        "_stars",
        "candidates",
        "module",
        "notes",
        "options",
        "project",
        "resolver",
    )

    def __init__(
        self,
        module: Module,
        options: Options,
        candidates: Candidates,
        project: Project,
        resolver: Resolver,
    ) -> None:
        self.module = module
        self.options = options
        self.candidates = candidates
        self.project = project
        self.resolver = resolver
        self.notes: Notes = {}
        self._imported: dict[str, str] | None = None
        self._stars: list[str] | None = None
        resolver.outline = self

    @property
    def imported(self) -> Mapping[str, str]:
        """Names at module level that are imported from one place, and nothing else binds."""
        if self._imported is None:
            self._imported = {}
            for name, bindings in self.module.region.bindings.items():
                targets = {binding.target for binding in bindings if binding.how == "import"}
                if len(targets) == 1 and not made(bindings):
                    self._imported[name] = targets.pop()
        return self._imported

    @property
    def stars(self) -> Sequence[str]:
        """The modules that everything is imported from, in order."""
        if self._stars is None:
            region = self.module.region
            # whether there are any is known once the bindings are
            region.bindings  # noqa: B018
            self._stars = [
                f"{'.' * statement.level}{statement.module or ''}"
                for statement, where in (self.candidates.imports if region.star else ())
                if isinstance(statement, ast.ImportFrom)
                and where.scope is region
                and statement.names[0].name == "*"
            ]
        return self._stars

    def exports(self, name: str) -> bool:
        """Tell whether `from module import *` takes `name` along, as far as can be told."""
        region = self.module.region
        listed = region.bindings.get("__all__")
        if listed is None:
            bound = name in region.bindings or bool(self.stars)
            return bound and not name.startswith("_")
        if len(listed) == 1 and listed[0].value is not None:
            values = self.resolver.values(listed[0].value, region)
            if not isinstance(values, Unknown) and isinstance(values[0], (list, tuple)):
                return name in values[0]
        return name in region.bindings or bool(self.stars)


def made(bindings: Sequence[Binding]) -> list[Binding]:
    """The bindings of a name that neither import it nor set it to None."""
    return [b for b in bindings if b.how != "import" and not _is_none(b.value)]


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


ResolverFactory = Callable[[Callable[[], "str | None"]], "Resolver"]
"""Makes a resolver, given how to get the module's dotted name."""


class Vocabulary(Protocol):
    """What names and calls are to the field's knowledge, which the evaluator has none of."""

    def task(self, node: ast.expr, region: Region) -> object | None:
        """The one task that an expression names in its own module."""

    def is_known(self, call: ast.Call) -> bool:
        """Tell whether a call sends a task or makes a signature."""


class Definition(NamedTuple):
    """A function as it stands in some file, for those who know more than names."""

    path: str
    name: str
    line: int


class Resolver(ABC):
    """Answers about an expression `node` that stands in `region` of one module.

    `module_name` is the module's dotted name, or None where it can't be told.
    """

    def __init__(self, module_name: Callable[[], str | None] | None = None) -> None:
        self.vocabulary: Vocabulary | None = None
        """Knows what the module's own names are, once its tasks are known."""
        self.class_regions: Mapping[ast.AST, Scope] = {}
        self.inferences = 0
        """How many answers came from outside of this module; the pylint half counts them."""
        self.judging = False
        """Rules are asking: only now is it worth while to look beyond this module."""
        self.followed = 0
        """How many answers rest on another module of the project."""
        self.tree: ast.Module | None = None
        self.region: Scope | None = None
        """The module's own."""
        self.project: Project | None = None
        self.outline: Outline | None = None
        self.outer: Resolver | None = None
        """The resolver of the linted module, while this one answers for it."""
        self.jumped: dict[tuple[str, str], Values] = {}
        """What names of other modules were found to be, while this module is linted."""
        self.steps = 0
        """Expressions folded to answer one question."""
        self.notes: Notes = {}
        self._module_name = module_name
        self._qualnames: dict[tuple[str, Region], str | None] = {}

    @staticmethod
    @abstractmethod
    def plain(module_name: Callable[[], str | None]) -> Resolver:
        """A resolver for another module, which knows that module's own text."""

    @abstractmethod
    def values(self, node: ast.expr, region: Region) -> Values:
        """Every possible value, each once by (type, value); UNKNOWN where one can't be told."""

    @abstractmethod
    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """Every kind it may be (see `KINDS`), or UNKNOWN."""

    @abstractmethod
    def expressions(self, node: ast.expr, region: Region) -> Expressions:
        """The expressions that names and conditions in `node` lead to, each with its region."""

    @abstractmethod
    def qualname(self, node: ast.expr, region: Region) -> str | None:
        """The dotted name it was imported by (`celery.chain`), relative imports with their dots."""

    @abstractmethod
    def definition(self, node: ast.expr, region: Region) -> tuple[ast.AST, Region] | None:
        """The one function or class of this module that it names, and the scope holding it."""

    @abstractmethod
    def member_kind(self, node: ast.Attribute, region: Region) -> str | None:
        """`enum` or `text-enum` for a member of an Enum of this module, else None."""

    @abstractmethod
    def bases(self, node: ast.ClassDef, region: Region) -> Iterator[tuple[ast.expr, Region]]:
        """The base expressions of a class and of its bases in this module, nearest first."""

    @abstractmethod
    def fold(self, node: ast.expr, region: Region, depth: int) -> Values:
        """The possible values, as `values`; raises where an operation on them would."""

    @abstractmethod
    def fold_binding(self, binding: Binding, depth: int) -> Values:
        """The values that one place gives a name."""

    @property
    def root(self) -> Resolver:
        """The resolver of the module that is linted."""
        return self.outer or self

    def folded(self, home: Resolver, node: ast.expr, region: Region, depth: int) -> Values:
        """As `fold_in`; never raises."""
        try:
            return self.fold_in(home, node, region, depth)
        except (*_TOO_LARGE, RecursionError):
            return UNKNOWN

    def fold_in(self, home: Resolver, node: ast.expr, region: Region, depth: int) -> Values:
        """Fold an expression that stands in the module `home`, on behalf of this one."""
        if home is self:
            return self.fold(node, region, depth)
        before, home.outer = home.outer, self.root
        try:
            return home.fold(node, region, depth)
        finally:
            home.outer = before

    def beyond(self, node: ast.expr, region: Region, home: Resolver) -> Values:
        """Asked last about a name, attribute, entry or call of the module `home`."""
        return UNKNOWN

    def called(self, call: ast.Call, region: Region) -> Sequence[Definition | None]:
        """The functions that a call may give back, where the project's files don't say."""
        return ()

    def named(self, target: str) -> Sequence[Definition | None]:
        """The functions that a dotted name may mean, where the project's files don't say."""
        return ()


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
                for binding in bindings:
                    if binding.how in ("assign", "walrus") and binding.value is not None:
                        pending.append((binding.value, binding.scope))
                    elif (
                        binding.how in ("import", "function", "class", "except")
                        and len(bindings) == 1
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
        kind: str | None = None
        mixed = False
        for base in node.bases:
            name = self.qualname(base, region) or dotted(base) or ""
            last = name.rpartition(".")[2]
            if last in ("StrEnum", "IntEnum", "TextChoices", "IntegerChoices"):
                return "text"
            if last in ("Enum", "Flag", "IntFlag"):
                kind = "plain"
            elif last in ("str", "int"):
                mixed = True
        return "text" if kind and mixed else kind

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
                elif (self.qualname(base, region) or "").startswith("celery.exceptions."):
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
            from flake8_celery.core import follow

            if isinstance(node, ast.Attribute):
                found = follow.attribute(self, node, region, depth)
            else:
                found = follow.subscript(self, node, region, depth)
        return self.root.beyond(node, region, self) if found is UNKNOWN else found

    def _fold_name(self, node: ast.Name, region: Region, depth: int) -> Values:
        bindings = region.lookup(node.id)
        if bindings is None:
            if node.id == "__name__" and self._module_name is not None:
                name = self._module_name()
                return (name,) if name is not None else UNKNOWN
            if region.module.star:
                from flake8_celery.core import follow

                return follow.unbound(self, node, depth)
            return UNKNOWN
        if len(bindings) > MAX_VALUES:
            return CLOSED
        scope = bindings[0].scope
        if scope.star and scope.parent is None:
            from flake8_celery.core import follow

            return follow.unbound(self, node, depth)
        ways = {binding.how for binding in bindings}
        if "augment" in ways and ways <= {"assign", "augment"}:
            from flake8_celery.core import held

            return held.flowing(self, node, scope, depth)
        found: list[object] = []
        for binding in bindings:
            values = self.fold_binding(binding, depth)
            if isinstance(values, Unknown):
                return values if len(bindings) == 1 else unknown_of(values)
            if any(isinstance(value, (list, dict, set)) for value in values):
                from flake8_celery.core import follow

                if not follow.stays(self, node.id):
                    return CLOSED
            found += values
        return self._limited(found)

    def fold_binding(self, binding: Binding, depth: int) -> Values:
        """The values that one place gives a name."""
        if binding.how in ("assign", "walrus") and binding.value is not None:
            return self.fold(binding.value, binding.scope, depth)
        if binding.how == "import":
            from flake8_celery.core import follow

            return follow.imported(self, binding.target, depth)
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
        from flake8_celery.core import follow

        return follow.call(self, node, region, depth)

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


class KindResolver(FoldingResolver):
    """What sort of thing an expression is."""

    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """See `Resolver.kinds`."""
        expressions = self.expressions(node, region)
        if isinstance(expressions, Unknown):
            return UNKNOWN
        found: set[str] = set()
        for expression, scope in expressions:
            kind = self._kind(expression, scope, 0)
            if kind is not None:
                found.add(kind)
                continue
            values: Values = UNKNOWN
            if self.judging and isinstance(expression, (ast.Name, ast.Attribute, ast.Subscript)):
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
        expressions = self.expressions(node, region)
        if isinstance(expressions, Unknown) or len(expressions) != 1:
            return None
        return self._kind(*expressions[0], depth)

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
            if len(bindings) == 1 and bindings[0].how == "except":
                return "exception"
        name = self.qualname(node, region)
        if name is not None and name.startswith(("celery.exceptions.", "requests.exceptions.")):
            return "exception-class" if name.rpartition(".")[2][:1].isupper() else None
        return None

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
            if name.startswith("celery.exceptions.") and name.rpartition(".")[2][:1].isupper():
                return "exception"
        found = self.definition(func, region)
        if found is not None:
            if isinstance(found[0], ast.ClassDef):
                if self.is_exception(*found):
                    return "exception"
                return self._instance_kind(found[0], found[1])
            return None
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


class ModuleResolver(KindResolver):
    """Knows what one module says of itself: constants, imports, classes, functions."""

    @staticmethod
    def plain(module_name: Callable[[], str | None]) -> Resolver:
        """See `Resolver.plain`."""
        return ModuleResolver(module_name)


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

CANVAS_NAMES: Final = frozenset(
    f"celery.{path}{name}"
    for path in ("", "canvas.")
    for name in ("chain", "group", "chord", "signature", "Signature", "subtask", "chunks", "xmap")
)

#: What a method of a task gives back.
METHOD_RESULTS: Final = {
    "delay": "result",
    "apply_async": "result",
    "apply": "result",
    "s": "signature",
    "si": "signature",
    "signature": "signature",
    "subtask": "signature",
    "map": "signature",
    "starmap": "signature",
    "chunks": "signature",
    "delay_on_commit": "none",
    "apply_async_on_commit": "none",
    "set": "signature",
    "clone": "signature",
    "on_error": "signature",
    "link": "signature",
    "link_error": "signature",
}

SIGNATURE_METHODS: Final = frozenset({"set", "clone", "on_error", "link", "link_error"})
