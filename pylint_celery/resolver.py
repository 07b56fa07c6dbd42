"""What an expression means when the rest of the project is known too, by astroid's inference."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from astroid import MANAGER, bases, nodes, objects, util

from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.changes import changes
from flake8_celery.core.values.protocol import Definition, Resolver
from flake8_celery.core.values.read import read
from flake8_celery.core.values.resolver import ModuleResolver
from flake8_celery.core.values.unknown import (
    MAX_VALUES,
    UNKNOWN,
    Kinds,
    Unknown,
    Values,
    bounded,
    distinct,
)

SECONDS_A_FILE: Final = 0.2
"""An inference can't be interrupted; after this much in one file the rest is UNKNOWN."""
MAX_NODES: Final = 200
MAX_CALLS: Final = 3
"""How deep functions that call functions are looked into."""

#: How a name may be bound for astroid to tell its value: all other ways it sees half of.
_READABLE: Final = frozenset({"assign", "import", "function", "class", "walrus"})
_NESTED: Final = (
    ast.Lambda,
    ast.GeneratorExp,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.Await,
    ast.NamedExpr,
)
_BUILTIN_KINDS: Final = frozenset(
    {"str", "bytes", "int", "float", "bool", "list", "tuple", "dict", "set", "frozenset"}
)
#: Decorators that leave what a function returns as it is.
_TRANSPARENT: Final = frozenset(
    {"staticmethod", "classmethod", "property", "cache", "lru_cache", "cached_property"}
)

_SYNTHETIC: Final = "__astroid_synthetic"
"""The module of what astroid works out, which stands in no source."""

Place = tuple[str, int, int, int, int, str]


class AstroidResolver(ModuleResolver):
    """Asks its own module first, then the project's files, and astroid where both say UNKNOWN.

    An answer of astroid counts only if every candidate is known, there are at most `MAX_VALUES`,
    and none comes from something that is changed in place. No exception leaves this class.
    """

    def __init__(
        self, module: nodes.Module, module_name: Callable[[], str | None] | None = None
    ) -> None:
        super().__init__(module_name)
        self.seconds_left = SECONDS_A_FILE
        self.longest = 0.0
        """Seconds that the longest inference took."""
        self._module = module
        self._modules: dict[Resolver, nodes.Module | None] = {}
        self._places: dict[nodes.Module, dict[Place, nodes.NodeNG | None]] = {}
        self._inferred: dict[ast.AST, list[Any] | None] = {}

    # -- what the core asks

    def beyond(self, node: ast.expr, region: Region, home: Resolver) -> Values:
        """See `ModuleResolver.beyond`."""
        found: list[object] = []
        try:
            candidates = self._infer(node, region, home)
            if candidates is None:
                return UNKNOWN
            for candidate in candidates:
                value = _value(candidate, 0)
                if value is None or not self._lasts(candidate, node, home):
                    return UNKNOWN
                found += value
        except Exception:  # as in `_timed`
            return UNKNOWN
        self.inferences += 1
        return distinct(found)

    def kinds(self, node: ast.expr, region: Region) -> Kinds:
        """See `Resolver.kinds`."""
        known = super().kinds(node, region)
        if not isinstance(known, Unknown) or not self.judging:
            return known
        try:
            candidates = self._infer(node, region, region.module.owner or self)
            found = {_kind(candidate) for candidate in candidates or ()}
        except Exception:  # as in `_timed`
            return known
        if not found or "" in found:
            return known
        self.inferences += 1
        return frozenset(found)

    def called(self, call: ast.Call, region: Region) -> Sequence[Definition | None]:
        """See `Resolver.called`."""
        return self._functions(lambda: self._infer(call, region, self))

    def named(self, target: str) -> Sequence[Definition | None]:
        """See `Resolver.named`."""
        return self._functions(lambda: self._timed(lambda: list(_named(self._module, target))))

    def _functions(self, ask: Callable[[], list[Any] | None]) -> Sequence[Definition | None]:
        try:
            return [_definition(candidate) for candidate in ask() or ()]
        except Exception:  # as in `_timed`
            return []

    # -- asking astroid

    def _infer(self, node: ast.expr, region: Region, home: Resolver) -> list[Any] | None:
        """Every candidate, or None where one is uninferable or there are too many."""
        if node not in self._inferred:
            self._inferred[node] = None  # while it is asked: what leads to itself ends here
            if isinstance(
                node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
            ) and _is_readable(node, region):
                self._inferred[node] = self._timed(lambda: self._ask(node, home))
        return self._inferred[node]

    def _timed(self, ask: Callable[[], list[Any] | None]) -> list[Any] | None:
        if self.seconds_left <= 0:
            return None
        start = _now()
        try:
            return ask() or None
        except Exception:
            # astroid's own bugs, and code that it can't follow, are no reason to say anything
            return None
        finally:
            spent = _now() - start
            self.seconds_left -= spent
            self.longest = max(self.longest, spent)

    def _ask(self, node: ast.expr, home: Resolver) -> list[Any] | None:
        there = self._node(node, home)
        if there is None:
            return None
        found: list[Any] = []
        for candidate in there.infer():
            found.append(candidate)
            if isinstance(candidate, util.UninferableBase) or len(found) > MAX_VALUES:
                return None
        calls = (there, *there.nodes_of_class(nodes.Call))
        for call in calls:
            if isinstance(call, nodes.Call) and not self._is_trusted(call, 0):
                return None
        return found

    def _node(self, node: ast.expr, home: Resolver) -> nodes.NodeNG | None:
        """The node of astroid's tree at the same place."""
        if not node.lineno:
            return None  # it stands nowhere
        module = self._module_of(home)
        if module is None:
            return None
        places = self._places.get(module)
        if places is None:
            places = self._places[module] = {}
            for place, there in _places(module):
                # parts of an f-string share their place on Python 3.11 and before
                places[place] = None if place in places else there
        name = node.__class__.__name__
        text = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
        end = node.end_lineno or 0, node.end_col_offset or 0
        return places.get((name, node.lineno, node.col_offset, *end, text))

    def _module_of(self, home: Resolver) -> nodes.Module | None:
        if home is self:
            return self._module
        if home not in self._modules:
            path = home.outline.module.filename if home.outline is not None else ""
            name = home.project.module_name() if home.project is not None else None
            self._modules[home] = MANAGER.ast_from_file(path, name, source=True)
        return self._modules[home]

    # -- whether what it says can be relied on

    def _is_trusted(self, call: nodes.Call, depth: int) -> bool:
        """Whether a call gives what the function's returns say, and nothing else."""
        if depth > MAX_CALLS:
            return False
        if all(isinstance(made, objects.PartialFunction) for made in call.infer()):
            return True
        for func in call.func.infer():
            if isinstance(func, util.UninferableBase):
                return False
            while not isinstance(func, nodes.NodeNG) and hasattr(func, "_proxied"):
                func = func._proxied
            if isinstance(func, nodes.Lambda) and not isinstance(func, nodes.FunctionDef):
                continue
            if isinstance(func, nodes.ClassDef):
                continue
            if not isinstance(func, nodes.FunctionDef):
                return False
            if func.root().name == "builtins":
                continue
            if not self._is_plain(func, depth):
                return False
        return True

    def _is_plain(self, func: nodes.FunctionDef, depth: int) -> bool:
        if isinstance(func, nodes.AsyncFunctionDef) or func.is_generator():
            return False
        if func.name == "__init__":
            return True
        for decorator in func.decorators.nodes if func.decorators is not None else ():
            node = decorator.func if isinstance(decorator, nodes.Call) else decorator
            if getattr(node, "attrname", getattr(node, "name", "")) not in _TRANSPARENT:
                return False
        if not _always_leaves(func.body):
            return False
        changed = self._changed_in(func.root())
        if changed is None:
            return False
        parameters = set(func.argnames())
        for node in func.nodes_of_class((nodes.Name, nodes.Attribute, nodes.Call, nodes.Global)):
            if isinstance(node, nodes.Global):
                return False
            if isinstance(node, nodes.Call):
                if not self._is_trusted(node, depth + 1):
                    return False
                continue
            name = node.name if isinstance(node, nodes.Name) else node.attrname
            if name in changed and name not in parameters:
                if any(_is_container(candidate) for candidate in node.infer()):
                    return False
        return True

    def _changed_in(self, module: nodes.Module) -> frozenset[str] | None:
        """The lists and tables that a module changes or hands out; None where it can't be read."""
        if module is self._module:
            return changes(self).containers
        if not module.file or not module.pure_python or _is_standard(module.name):
            return None
        there = read(self.project, module.file) if self.project is not None else None
        return changes(there.resolver).containers if there is not None else None

    def _lasts(self, candidate: Any, node: ast.expr, home: Resolver) -> bool:
        """Whether a value is the same wherever and whenever it is read."""
        module = candidate.root() if candidate.parent is not None else None
        if not isinstance(module, nodes.Module) or module.name == _SYNTHETIC:
            # made on the way: by a function of the project, by an operation
            return True
        changed = self._changed_in(module)
        if changed is None or candidate.parent is module:
            # `__name__`, `__file__`, `__doc__`: astroid makes them up where no statement binds them
            return False
        statement = candidate.statement()
        if isinstance(statement, (nodes.FunctionDef, nodes.ClassDef)):
            # a parameter's default
            return isinstance(node, ast.Call)
        if not isinstance(statement, (nodes.Assign, nodes.AnnAssign)):
            return isinstance(statement, nodes.Return)
        targets = statement.targets if isinstance(statement, nodes.Assign) else [statement.target]
        for target in targets:
            if isinstance(target, nodes.AssignAttr):
                seen = changes(home), changes(self)
                if any(target.attrname in part.attributes for part in seen):
                    return False
                continue
            if not isinstance(target, nodes.AssignName):
                return False
            if candidate.parent is not statement and (
                target.name in changed or target.name in changes(self).containers
            ):
                return False
            for other in candidate.scope().locals.get(target.name, ()):
                if not isinstance(other.statement(), (nodes.Assign, nodes.AnnAssign)):
                    return False
        return True


def _now() -> float:
    """Seconds of this thread's own work; on WebAssembly, which has no such clock, of any."""
    return getattr(time, "thread_time", time.perf_counter)()


def _definition(candidate: Any) -> Definition | None:
    """The function that a candidate is, or that a task as the brain shows it is made of."""
    function = getattr(candidate, "_proxied", candidate)
    # a task as the brain shows it knows its function
    function = getattr(candidate, "function", function)
    if not isinstance(function, nodes.FunctionDef):
        return None
    module = function.root()
    return Definition(module.file, function.name, function.fromlineno) if module.file else None


def _is_readable(node: ast.expr, region: Region) -> bool:
    """Whether every name in it is bound in a way that astroid sees the whole of.

    So is every name in what those names are set to: no parameter, no loop's name on the way.
    """
    pending: list[tuple[ast.expr, Region]] = [(node, region)]
    seen: set[ast.AST] = set()
    count = 0
    while pending:
        node, region = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        for inner in ast.walk(node):
            count += 1
            if count > MAX_NODES or isinstance(inner, _NESTED):
                return False
            if isinstance(inner, ast.Name):
                bindings = region.lookup(inner.id)
                if bindings is None:
                    if not region.is_builtin(inner.id) and not region.module.star:
                        return False
                    continue
                for binding in bindings:
                    if binding.how not in _READABLE:
                        return False
                    if binding.value is not None:
                        pending.append((binding.value, binding.scope))
    return True


_ASTROID_NAMES: Final = {"AssignName": "Name", "AssignAttr": "Attribute"}


def _places(module: nodes.Module) -> Iterator[tuple[Place, nodes.NodeNG]]:
    stack: list[nodes.NodeNG] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, (nodes.Name, nodes.Attribute, nodes.Call, nodes.Subscript)):
            text = getattr(node, "attrname", getattr(node, "name", ""))
            end = node.end_lineno or 0, node.end_col_offset or 0
            yield (type(node).__name__, node.lineno, node.col_offset, *end, text), node
        stack += node.get_children()


def _named(module: nodes.Module, target: str) -> Iterator[Any]:
    """What a dotted name of the linted module leads to."""
    bare = target.lstrip(".")
    dots = len(target) - len(bare)
    parts = bare.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:cut])
        try:
            found: list[Any] = [module.import_module(name, level=dots or None)]
        except Exception:  # no such module: the rest may be names in one
            continue
        for attribute in parts[cut:]:
            found = [after for before in found for after in before.igetattr(attribute)]
        yield from found
        return


def _always_leaves(body: list[nodes.NodeNG]) -> bool:
    """Whether control never runs off the end of a block."""
    for statement in body:
        if isinstance(statement, (nodes.Return, nodes.Raise)):
            return True
        if isinstance(statement, nodes.If):
            if _always_leaves(statement.body) and _always_leaves(statement.orelse):
                return True
        elif isinstance(statement, nodes.With):
            if _always_leaves(statement.body):
                return True
        elif isinstance(statement, nodes.Try):
            ends = _always_leaves(statement.body) or _always_leaves(statement.orelse)
            if ends and all(_always_leaves(handler.body) for handler in statement.handlers):
                return True
    return False


def _is_container(candidate: Any) -> bool:
    """Whether a value may be changed in place."""
    return isinstance(candidate, (nodes.List, nodes.Dict, nodes.Set, util.UninferableBase))


def _is_standard(name: str) -> bool:
    """Whether a module is Python's own: what it says may hold on this machine only."""
    return name.partition(".")[0] in sys.stdlib_module_names


def _value(candidate: Any, depth: int) -> list[object] | None:
    """The one value of a candidate, in a list; None where it can't be told."""
    if isinstance(candidate, nodes.Const):
        return [candidate.value] if bounded(candidate.value) else None
    if isinstance(candidate, nodes.Tuple) and depth < 3:
        items: list[object] = []
        for element in candidate.elts:
            inner = _value(element, depth + 1)
            if inner is None:
                return None
            items += inner
        return [tuple(items)]
    return None


def _kind(candidate: Any) -> str:
    """The kind of a candidate in the resolver's words; empty where there is none."""
    if isinstance(candidate, nodes.Const):
        return "none" if candidate.value is None else type(candidate.value).__name__
    if isinstance(candidate, nodes.ClassDef):
        return "exception-class" if _is_exception(candidate) else "class"
    if isinstance(candidate, nodes.Module):
        return "module"
    if isinstance(candidate, nodes.FunctionDef):
        return "" if candidate.decorators else "function"
    if isinstance(candidate, nodes.Lambda):
        return "function"
    if isinstance(candidate, (nodes.List, nodes.Dict, nodes.Set, nodes.Tuple)):
        return str(candidate.pytype()).rpartition(".")[2]
    if type(candidate) is bases.Instance:
        name = str(candidate.pytype())
        if name == "datetime.timedelta":
            return "timedelta"
        module, _, last = name.rpartition(".")
        if module == "builtins" and last in _BUILTIN_KINDS:
            return last
        return "exception" if _is_exception(candidate._proxied) else ""
    return ""


def _is_exception(node: nodes.ClassDef) -> bool:
    try:
        return any(
            base.name == "BaseException" and base.root().name == "builtins"
            for base in (node, *node.ancestors())
        )
    except Exception:  # astroid's own bugs
        return False
