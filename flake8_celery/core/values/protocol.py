"""What a resolver answers, and how its parts see each other."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.candidates import Candidates
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import Binding, Region, Scope
from flake8_celery.core.values.unknown import (
    TOO_LARGE,
    UNKNOWN,
    Expressions,
    Kinds,
    Unknown,
    Values,
)
from flake8_celery.notes import Notes
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple


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

    def alias(self, name: str) -> str | None:
        """What was imported and is given another name at module level: `job = shared_task`."""
        bindings = self.module.region.bindings.get(name)
        if not bindings or len(bindings) != 1 or bindings[0].how != "assign":
            return None
        value = bindings[0].value
        if not isinstance(value, (ast.Name, ast.Attribute)):
            return None
        return self.resolver.qualname(value, bindings[0].scope)

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
        self.assumed: dict[ast.AST, Values] = {}
        """What names hold at places that are being looked into."""
        self.given: dict[tuple[ast.AST, str], Values] = {}
        """What parameters and the names of loops hold while their body is looked into."""
        self.rounds: dict[ast.AST, int] = {}
        """Which round of a loop is looked into."""
        self.flows: set[object] = set()
        """The uses of names that are being looked into; those that lead to themselves end here."""
        self.flowed: dict[tuple[ast.AST, bool], tuple[object, ...]] = {}
        """What names were found to hold at a use, whatever was asked."""
        self.unfound: dict[tuple[ast.AST, bool, bool], Unknown] = {}
        """Uses of names that can't be told, whichever question led to them, in any module."""
        self.cycles = 0
        """How often a use of a name led to itself."""
        self.reached: dict[ast.AST, Sequence[Binding]] = {}
        """Which bindings reach a use of a name, where that was asked."""
        self.recording = False
        """Asked for declarations: a `Queue(...)` is worth a `Record`."""
        self.notes: Notes = {}
        self._module_name = module_name

    @staticmethod
    @abstractmethod
    def plain(module_name: Callable[[], str | None]) -> Resolver:
        """A resolver for another module, which knows that module's own text."""

    @abstractmethod
    def values(self, node: ast.expr, region: Region) -> Values:
        """Every possible value, each once by (type, value); UNKNOWN where one can't be told."""

    @abstractmethod
    def records(self, node: ast.expr, region: Region) -> Values:
        """As `values`, where a declaration such as `Queue("x")` is worth a `Record`."""

    @abstractmethod
    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """Every kind it may be (see `KINDS`), or UNKNOWN."""

    @abstractmethod
    def expressions(self, node: ast.expr, region: Region) -> Expressions:
        """The expressions that names and conditions in `node` lead to, each with its region."""

    def expression(self, node: ast.expr, region: Region) -> tuple[ast.expr, Region] | None:
        """The one expression that `node` leads to; None of several, or where it can't be told."""
        found = self.expressions(node, region)
        return None if isinstance(found, Unknown) or len(found) != 1 else found[0]

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
    def fold_binding(self, binding: Binding, depth: int, name: str = "") -> Values:
        """The values that one place gives a name."""

    @property
    def root(self) -> Resolver:
        """The resolver of the module that is linted."""
        return self.outer or self

    def folded(self, home: Resolver, node: ast.expr, region: Region, depth: int) -> Values:
        """As `fold_in`; never raises."""
        try:
            return self.fold_in(home, node, region, depth)
        except (*TOO_LARGE, RecursionError):
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
