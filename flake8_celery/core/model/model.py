"""What is known of one module, as everybody sees it."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol

from flake8_celery.core.model.fact import Application, Fact, FactType, Function, TaskClass
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import ImportedName
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.regions import FUNCTION, Region, import_target
from flake8_celery.core.values import find as values_find
from flake8_celery.core.values.protocol import Outline
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Notes
from flake8_celery.tables.libraries import makes_tasks
from flake8_celery.tables.names import FOREIGN, SHARED


class Neighbour(Protocol):
    """Another module's facts, as far as this one may ask for them."""

    @property
    def applications(self) -> Mapping[str, Application]:
        """Its applications, by name at module level."""

    @property
    def tasks(self) -> Mapping[str, Task]:
        """Its tasks, by name at module level (`Class.task` in a class)."""

    @property
    def model(self) -> Model:
        """It with its applications and tasks known."""

    @property
    def outlined(self) -> Model:
        """It with whatever of them is known already."""

    @property
    def foreign(self) -> bool:
        """Another task library's app is built there."""


class Model(ABC):
    """What is known of one module, as the parts of the model see each other.

    `neighbours` gives the facts of another module, found when they are asked for.
    """

    def __init__(self, outline: Outline, neighbours: Callable[[Outline], Neighbour]) -> None:
        self.outline = outline
        self.module = outline.module
        self.options = outline.options
        self.candidates = outline.candidates
        self.project = outline.project
        self.resolver = outline.resolver
        self.neighbours = neighbours
        self.notes: Notes = {}
        """What rooms above worked out."""
        self.facts: dict[type[Fact], list[Fact]] = {}
        self.applications: dict[str, Application] = {}
        """Applications built at module level, by name."""
        self.task_of: dict[ast.AST, Task] = {}
        """Tasks by the node that makes them: a function, class or call."""
        self.dispatches: dict[ast.AST, Dispatch] = {}
        self.functions_of_tasks: dict[ast.AST, Task] = {}
        self.names: dict[str, str] = {}
        """What `from x import y` gives names, anywhere in the module."""
        self.shared: set[str] = set()
        """Names that a decorator of Celery's, `shared_task`, is imported under."""
        self.connecting: list[tuple[Function, ast.expr, ast.Attribute, Region]] = []
        """Decorators called `connect`, with the function that they stand above."""
        self.imports_celery = False
        self.followed: set[str] = set()
        """Modules that names in this one led to; see `known.MAX_FOLLOWED`."""
        self._apps: dict[tuple[str, Region], Application | None] = {}
        self._default: Application | Unknown | None = UNKNOWN
        self._assigning: set[str] = set()
        """Apps of this module whose `app.Task = X` is being read."""
        self._texts: list[str] | None = None
        self._signs: bool | None = None
        """Whether a module in reach speaks of a Task class of the application's own."""
        self._is_task: dict[str, Task | Unknown | None] = {}
        self._usual_places: list[str] | None = None
        self._app_modules: list[Neighbour] | None = None
        self._imports()

    def _imports(self) -> None:
        names = self.names
        named = self.module.names_celery
        for statement, region in self.candidates.imports:
            whence = import_target(statement, "") if isinstance(statement, ast.ImportFrom) else ""
            for alias in statement.names:
                target = whence + alias.name
                if named and "celery" in target.lower():
                    root = target.partition(".")[0]
                    if root not in FOREIGN:
                        self.imports_celery = True
                        if root == "celery":
                            self.add(ImportedName(statement, region, alias, target))
                            if target in SHARED:
                                self.shared.add(alias.asname or alias.name)
                if alias.name == "periodic_task" and makes_tasks(target):
                    self.shared.add(alias.asname or alias.name)
                if whence:
                    names[alias.asname or alias.name] = target

    def of(self, kind: type[FactType]) -> list[FactType]:
        """The facts of one class."""
        return self.facts.get(kind, [])  # type: ignore[return-value]

    def add(self, fact: Fact) -> None:
        """Take in a fact."""
        self.facts.setdefault(type(fact), []).append(fact)

    def find(self, target: str) -> tuple[Outline, str] | None:
        """The module that defines what the dotted `target` names, and the name there."""
        found = values_find.find(self.resolver, target)
        if found is not None and "." in found[1]:
            # a task in a class body
            return found if found[1] in self.neighbours(found[0]).tasks else None
        return found

    @abstractmethod
    def application(self, node: ast.expr, region: Region) -> Application | None:
        """The Celery application that an expression means, on evidence; else None."""

    @abstractmethod
    def default_application(self) -> Application | None:
        """The project's app, for tasks that name none: this module's, else by the usual places."""

    @abstractmethod
    def made(
        self, call: ast.Call, region: Region, name: str = "", far: bool = False
    ) -> Application | None:
        """The application that a call builds, or a function that it calls.

        A function of another module only with `far`, or where the name is a usual one.
        """

    @abstractmethod
    def built(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call of `Celery` (or a subclass of this module) builds."""

    @abstractmethod
    def class_behind(
        self, node: ast.expr, region: Region
    ) -> tuple[ast.ClassDef, Region, Model] | None:
        """The one class that an expression names, in whatever module of the project."""

    @abstractmethod
    def unread_class(self, node: ast.expr, region: Region) -> TaskClass:
        """The Task class of an application that an expression makes in a way that can't be read."""

    @abstractmethod
    def of_extension(self, node: ast.Attribute, region: Region) -> Application | None:
        """The application that an extension holds: `ext.celery` of `ext = FlaskCeleryExt(app)`."""

    @abstractmethod
    def application_at(self, target: str) -> Application | None:
        """The application that the dotted `target` (module path and name) leads to, or None."""

    @abstractmethod
    def task_class(self, node: ast.ClassDef, region: Region) -> TaskClass:
        """What a class of this module and its bases set and define."""

    @abstractmethod
    def task_class_named(self, node: ast.expr, region: Region) -> TaskClass:
        """The Task class that an expression names."""

    @abstractmethod
    def base_of(self, task: Task) -> TaskClass:
        """See `Task.base`."""

    @abstractmethod
    def class_of_application(self, application: Application) -> TaskClass:
        """See `View.class_of_application`."""

    @abstractmethod
    def default_task_class(self) -> TaskClass:
        """See `View.default_task_class`."""

    @abstractmethod
    def full_application(self, application: Application | None) -> Application | None:
        """See `View.full_application`."""

    @abstractmethod
    def is_imported_task(self, target: str) -> bool:
        """See `View.is_imported_task`."""

    @abstractmethod
    def imported_task(self, target: str) -> Task | None:
        """See `View.imported_task`."""

    @abstractmethod
    def task_at(self, node: ast.expr, region: Region) -> Task | None:
        """The task that an expression names, here or in another module."""

    @abstractmethod
    def task(self, node: ast.expr, region: Region) -> Task | None:
        """The one task that an expression names in this module."""

    @abstractmethod
    def function_at(self, node: ast.expr, region: Region) -> tuple[Function, Region, Model] | None:
        """The one function that an expression names, in whatever module of the project."""

    @abstractmethod
    def starred(self, node: ast.expr, region: Region) -> str | None:
        """The dotted name that `import *` gives to a name that nothing else binds."""

    @abstractmethod
    def any_returned_task(self, call: ast.Call, region: Region) -> Task | None:
        """As `returned_task`, where the project's files don't say by inference."""

    @abstractmethod
    def is_task_class(self, node: ast.ClassDef, region: Region) -> bool:
        """Tell whether a class certainly derives from Celery's Task."""

    @abstractmethod
    def app_modules(self) -> list[Neighbour]:
        """The modules in the usual places that build an application."""

    @abstractmethod
    def texts_in_reach(self) -> list[str]:
        """The text of the module, and of those that it imports where they speak of Celery."""

    @abstractmethod
    def usual_places(self) -> list[str]:
        """The files that exist where an application is usually built, the nearest first."""

    @abstractmethod
    def named_task(self, node: ast.expr | None, region: Region) -> Task | None:
        """The task whose registered name an expression gives, where it is in sight."""

    def owner(self, region: Region) -> Task | None:
        """The task whose function this region lies in, functions inside it included."""
        for around in region:
            if around.kind is FUNCTION:
                task = self.functions_of_tasks.get(around.node)
                if task is not None:
                    return task
        return None

    def own_body_of(self, region: Region) -> Task | None:
        """The task whose *own* body this is: not a function, lambda or class inside it."""
        function = region.function
        if function is None:
            return None
        return self.functions_of_tasks.get(function.node)

    def is_self(self, node: ast.expr, region: Region) -> Task | None:
        """The bound task that `node` (its `self`) means here, or None."""
        if not isinstance(node, ast.Name):
            return None
        task = self.owner(region)
        if task is None or task.self_name != node.id or task.function is None:
            return None
        found = region.lookup(node.id)
        ours = found and len(found) == 1 and found[0].scope.node is task.function
        return task if ours else None

    def import_of(self, target: str) -> ast.alias | None:
        """The imported name through which this module came to ask for the dotted `target`."""
        best: ast.alias | None = None
        length = 0
        for statement, _ in self.candidates.imports:
            for alias in statement.names:
                name = alias.name
                if isinstance(statement, ast.ImportFrom):
                    name = import_target(statement, "" if name == "*" else name)
                if f"{target}.".startswith(f"{name.rstrip('.')}.") and len(name) > length:
                    best, length = alias, len(name)
        return best

    def yields_of(self, function: ast.AST) -> list[ast.Yield | ast.YieldFrom]:
        """The `yield`s that make this very function a generator, in order."""
        found = [
            node
            for node, region in self.candidates.yields
            if region.function is not None and region.function.node is function
        ]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def model_of(task: Task) -> Model:
    """All facts of the module that a task stands in."""
    assert isinstance(task.view, Model)
    return task.view
