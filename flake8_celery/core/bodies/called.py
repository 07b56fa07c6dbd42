"""What a task runs: the calls of its own body, and one call deep those of what the body calls.

Tasks are often thin and call a service. A rule says which words its calls hold, and by which names
they are made; only bodies of modules whose text has one of them are read, so that a rule with
nothing to find costs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from flake8_celery.core.bodies.looks import imported_from, is_class, may_call
from flake8_celery.core.model.fact import Function
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_HOPS, Project
from flake8_celery.core.syntax.flow import INNER
from flake8_celery.core.syntax.regions import (
    CASE,
    ELSE,
    FINALLY,
    HANDLER,
    IF,
    LOOP,
    LOOP_ELSE,
    TRY,
    TRY_ELSE,
    WITH,
    Region,
    Scope,
)
from flake8_celery.core.values.read import read
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

MAX_CALLS: Final = 60
"""So many calls of one task are followed."""
MAX_MODULES: Final = 12
"""So many other modules are read for the calls of one file's tasks."""
_TRIES: Final = (ast.Try, getattr(ast, "TryStar", ast.Try))
_BLOCKS: Final[dict[type, dict[str, str]]] = {
    ast.If: {"body": IF, "orelse": ELSE},
    ast.With: {"body": WITH},
    ast.AsyncWith: {"body": WITH},
    ast.ExceptHandler: {"body": HANDLER},
    ast.match_case: {"body": CASE},
    **{cls: {"body": LOOP, "orelse": LOOP_ELSE} for cls in (ast.For, ast.AsyncFor)},
    ast.While: {"test": LOOP, "body": LOOP, "orelse": LOOP_ELSE},
    **{cls: {"body": TRY, "orelse": TRY_ELSE, "finalbody": FINALLY} for cls in _TRIES},
}
_LEAVES: Final = frozenset({ast.Name, ast.Constant, str, int, bool, type(None)})
_ELSEWHERE: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: Decorators that run the function as it is, at once.
_PLAIN: Final = frozenset({"django.db.transaction.atomic", "staticmethod"})
_HERE: Final = ""


class Call(NamedTuple):
    """One call, its statement, and the region that it stands in."""

    node: ast.Call
    statement: ast.stmt
    region: Region


class Body(NamedTuple):
    """A function with the calls of its own body, in order; functions inside it left out."""

    function: Function
    region: Scope
    model: Model
    calls: tuple[Call, ...]


class Ran(NamedTuple):
    """A call that a task makes: in its own body, or in a function called there by `through`."""

    call: Call
    body: Body
    through: Call | None

    @property
    def node(self) -> ast.Call:
        """The call in the task, where it is reported."""
        return self.through.node if self.through is not None else self.call.node

    @property
    def place(self) -> str:
        """Where it stands, for messages: empty in the task, else ` (in push, line 12)`."""
        if self.through is None:
            return ""
        name, line = self.body.function.name, self.call.node.lineno
        if self.through.region.module is self.call.region.module:
            return f" (in {name}, line {line})"
        return f" (in {name}, {self.body.model.project.shown()}:{line})"


class Home(NamedTuple):
    """What the text of modules says of a called name."""

    asked: str
    """The file of the module that it is taken from."""
    path: str | None
    """The file that defines a function of the name; None where only the trees can tell."""
    name: str


class Known:
    """What was read for the tasks of one module."""

    __slots__ = (
        "_said",
        "_texts",
        "bodies",
        "followed",
        "holding",
        "homes",
        "modules",
        "reached",
        "targets",
    )

    def __init__(self) -> None:
        self.bodies: dict[Function, Body | None] = {}
        self.followed: dict[Function, tuple[Call, ...]] = {}
        self.targets: dict[ast.Call, str | None] = {}
        self.holding: dict[tuple[str, tuple[str, ...], tuple[str, ...]], bool] = {}
        self.reached: dict[ast.Call, Body | None] = {}
        self.homes: dict[str, Home | None] = {}
        self.modules: dict[str, str | None] = {}
        self._texts: dict[str, str] = {}
        self._said: dict[tuple[str, str], bool] = {}

    def text(self, path: str) -> str:
        """The text of a file, read once."""
        if path not in self._texts:
            self._texts[path] = current_files().glance(path)
        return self._texts[path]

    def says(self, path: str, words: Sequence[str]) -> bool:
        """Whether one of the words stands in a file; its text is searched once for each."""
        for word in words:
            if (path, word) not in self._said:
                self._said[path, word] = word in self.text(path)
            if self._said[path, word]:
                return True
        return False


Judged = TypeVar("Judged")
_KNOWN: Final[Slot[Known]] = Slot(Known)


def found(
    task: Task,
    model: Model,
    words: Sequence[str],
    judge: Callable[[Ran], Judged | None],
    names: Sequence[str] = (),
) -> Iterator[tuple[Ran, Judged]]:
    """The calls of a task of `model` that `judge` has something to say of, with what it says.

    All of its own body; of a function that it calls the first. A call is not shown to `judge` where
    no word of `words` stands in its module. `names` are all that what is called may be named by,
    other modules' own names for it aside.
    """
    own = body_of(task.function, model) if task.function is not None else None
    if own is None:
        return
    if any(map(model.module.says, words)):
        for call in own.calls:
            said = judge(Ran(call, own, None))
            if said is not None:
                yield Ran(call, own, None), said
    for through in _followed(own):
        for body in bodies_called(through, model, words, names):
            for call in body.calls:
                said = judge(Ran(call, body, through))
                if said is not None:
                    yield Ran(call, body, through), said
                    break


def called_bodies(task: Task, model: Model, words: Sequence[str]) -> Iterator[tuple[Call, Body]]:
    """The functions that a task calls directly, each with the call, by words as `found`."""
    own = body_of(task.function, model) if task.function is not None else None
    for through in _followed(own) if own is not None else ():
        for body in bodies_called(through, model, words):
            yield through, body


def _followed(own: Body) -> tuple[Call, ...]:
    """The calls of a task's body that may run a function in sight."""
    known = _KNOWN.of(own.model.notes)
    if own.function not in known.followed:
        calls = own.calls[:MAX_CALLS]
        for call in calls:
            if call.node not in known.targets:
                known.targets[call.node] = _target(call, own.model)
        known.followed[own.function] = tuple(c for c in calls if known.targets[c.node] is not None)
    return known.followed[own.function]


def body_of(function: Function, model: Model) -> Body | None:
    """A function of a module with its calls; None where its region is not known."""
    known = _KNOWN.of(model.notes)
    if function not in known.bodies:
        scope = model.candidates.scopes.get(function)
        calls = tuple(_calls(function.body, scope, model)) if scope is not None else ()
        known.bodies[function] = Body(function, scope, model, calls) if scope is not None else None
    return known.bodies[function]


def is_called_in_loop(call: Call) -> bool:
    """Tell whether a loop or a comprehension of the same function repeats a call."""
    for region in call.region:
        if region.kind is LOOP or isinstance(region.node, _COMPREHENSIONS):
            return True
        if isinstance(region.node, _ELSEWHERE):
            return False
    return False


def bodies_called(
    call: Call, model: Model, words: Sequence[str], names: Sequence[str] = ()
) -> Iterator[Body]:
    """The body of the one function that a call runs, by words and names as `found`."""
    known = _KNOWN.of(model.notes)
    if call.node not in known.targets:
        known.targets[call.node] = _target(call, model)
    target = known.targets[call.node]
    if target is None:
        return
    asked = target, tuple(words), tuple(names)
    if asked not in known.holding:
        known.holding[asked] = _may_hold(target, model, words, names)
    if not known.holding[asked]:
        return
    if call.node not in known.reached:
        there = model.function_at(call.node.func, call.region)
        runs = there is not None and _runs_at_once(*there)
        known.reached[call.node] = body_of(there[0], there[2]) if there and runs else None
    body = known.reached[call.node]
    if body is not None:
        yield body


def _target(call: Call, model: Model) -> str | None:
    """The dotted name of what is called if it is imported, `_HERE` if it is of this module."""
    func = call.node.func
    if not isinstance(func, (ast.Name, ast.Attribute)):
        return None
    if model.resolver.definition(func, call.region) is not None:
        return _HERE
    target = model.resolver.qualname(func, call.region)
    module = (target or "").rpartition(".")[0]
    if not module.strip(".") or module.partition(".")[0] in ("celery", "django"):
        return None
    return target


def _may_hold(target: str, model: Model, words: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a called name leads to a function of the project that may make such a call."""
    if target == _HERE:
        return any(map(model.module.says, words))
    known = _KNOWN.of(model.notes)
    if target not in known.homes:
        known.homes[target] = _home(target, model, known)
    home = known.homes[target]
    if home is None:
        return False
    if home.path is not None:
        if not known.says(home.path, words):
            return False
        if names and not may_call(home.name, known.text(home.path), words, names):
            return False
    return read(model.project, home.asked) is not None


def _home(target: str, model: Model, known: Known) -> Home | None:
    """Where the function of a called name is, by the text of modules; None where there is none."""
    module, _, name = target.rpartition(".")
    if module not in known.modules:
        few = sum(map(bool, known.modules.values())) < MAX_MODULES
        known.modules[module] = model.project.locate(module) if few else None
    asked = path = known.modules[module]
    if asked is None:
        return None
    for _ in range(MAX_HOPS):
        if path is None:
            return None
        text = known.text(path)
        if f"def {name}" in text:
            return Home(asked, path, name)
        if is_class(name, text) or (path == asked and name not in text):
            return None
        # a package that only hands the name on: its own words say nothing
        handed = imported_from(name, text)
        if handed is None:
            break
        path, name = Project(path, model.options).locate(handed[0]), handed[1]
    return Home(asked, None, name)


def _runs_at_once(function: Function, region: Region, home: Model) -> bool:
    """Whether calling a function runs its body as it stands, then and there."""
    if isinstance(function, ast.AsyncFunctionDef) or home.yields_of(function):
        return False
    for decorator in function.decorator_list:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = home.resolver.qualname(func, region)
        if name is None and isinstance(func, ast.Name) and region.is_builtin(func.id):
            name = func.id
        if name not in _PLAIN:
            return False
    return True


def _calls(body: Sequence[ast.stmt], scope: Scope, model: Model) -> Iterator[Call]:
    """Every call of these statements in the order of the source, with its region."""
    scopes = model.candidates.scopes
    pending: list[tuple[ast.AST, ast.stmt, Region]] = [(s, s, scope) for s in reversed(body)]
    while pending:
        node, statement, region = pending.pop()
        if isinstance(node, _ELSEWHERE) or type(node) in _LEAVES:
            continue  # what a comprehension yields may be a mere constant
        if isinstance(node, ast.stmt):
            statement = node
        elif isinstance(node, ast.Call):
            yield Call(node, statement, region)
        elif isinstance(node, _COMPREHENSIONS):
            inner = scopes.get(node, region)
            first = node.generators[0].iter
            pending += ((child, statement, inner) for child in _parts(node) if child is not first)
            pending.append((first, statement, region))
            continue
        start = len(pending)
        cls = type(node)
        blocks = _BLOCKS.get(cls)
        for name in INNER[cls]:
            value: Any = getattr(node, name, None)
            shape = type(value)
            if shape in _LEAVES:
                continue
            around = region
            if blocks is not None and name in blocks:
                around = Region(blocks[name], node, region)
            if shape is not list:
                pending.append((value, statement, around))
                continue
            for child in value:
                if type(child) not in _LEAVES:
                    pending.append((child, statement, around))
        if len(pending) - start > 1:
            pending[start:] = reversed(pending[start:])


def _parts(node: ast.expr) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            yield from ast.iter_child_nodes(child)
        else:
            yield child
