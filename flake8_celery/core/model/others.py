"""What other modules of the project say: their applications and tasks, found when asked for."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from flake8_celery.core.model.fact import Application
from flake8_celery.core.model.find_tasks import find_applications, find_tasks
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.module_model import ModuleModel
from flake8_celery.core.model.task import Task
from flake8_celery.core.values.protocol import Outline, made
from flake8_celery.notes import Slot
from flake8_celery.tables.names import FOREIGN


class ModuleFacts:
    """What another module says that this one may ask for.

    `applications` and `tasks` by name at module level (`Class.task` in a class); `foreign` is true
    where another task library's app is built. A name bound in several ways is in none.
    """

    __slots__ = ("_applications", "_foreign", "_tasks", "outlined")

    def __init__(self, outlined: Model) -> None:
        self.outlined = outlined
        """The module with its names, regions and values; its tasks need not be known yet."""
        self._applications: dict[str, Application] | None = None
        self._tasks: dict[str, Task] | None = None
        self._foreign: bool | None = None

    # Applications and tasks are looked for when they are asked for, and tasks after applications:
    # whose they are other files may tell, which import this one in turn.

    @property
    def foreign(self) -> bool:
        """See the class."""
        if self._foreign is None:
            self._foreign = any(
                binding.how == "import" and binding.target.partition(".")[0] in FOREIGN
                for bindings in self.outlined.module.region.bindings.values()
                for binding in bindings
            )
        return self._foreign

    @property
    def applications(self) -> Mapping[str, Application]:
        """See the class."""
        if self._applications is None:
            self._applications = self.outlined.applications
            find_applications(self.outlined, asked=True)
        return self._applications

    @property
    def tasks(self) -> Mapping[str, Task]:
        """See the class."""
        if self._tasks is None:
            self._tasks = {}
            self._find_tasks(self._tasks)
        return self._tasks

    @property
    def model(self) -> Model:
        """The module with its applications and tasks known."""
        if self._tasks is None:
            self._tasks = {}
            self._find_tasks(self._tasks)
        return self.outlined

    def _find_tasks(self, found: dict[str, Task]) -> None:
        model = self.outlined
        assert self.applications is not None
        find_tasks(model)
        for name, bindings in model.module.region.bindings.items():
            made_here = made(bindings)
            if len(made_here) != 1 or any(binding.how == "import" for binding in bindings):
                # try: from .fast import add; except ImportError: def add(): ...
                continue
            if made_here[0].how == "class":
                self._add_class(name, made_here[0].node, found)
                continue
            task = model.task_of.get(made_here[0].node)
            if task is None and made_here[0].value is not None:
                task = model.task_of.get(made_here[0].value)
            if task is not None:
                found[name] = task

    def _add_class(self, name: str, node: ast.AST, found: dict[str, Task]) -> None:
        inner = self.outlined.candidates.scopes.get(node)
        for member, bindings in inner.bindings.items() if inner is not None else ():
            task = self.outlined.task_of.get(bindings[0].node)
            if task is not None and len(bindings) == 1:
                found[f"{name}.{member}"] = task


_FACTS: Final[Slot[ModuleFacts]] = Slot(lambda: NotImplemented)


def facts_of(outline: Outline) -> ModuleFacts:
    """The facts of a module that is not linted itself, found when they are asked for."""
    found = _FACTS.get(outline.notes)
    if found is None:
        model = ModuleModel(outline, facts_of)
        outline.resolver.vocabulary = model
        found = _FACTS.put(outline.notes, ModuleFacts(model))
    return found
