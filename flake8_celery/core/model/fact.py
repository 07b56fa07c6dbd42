"""What a fact is, and what tasks and applications are made of."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final, TypeVar

from flake8_celery.core.syntax.flow import keeps_result, passes_arguments_on, sends_arguments_on
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import Region
from flake8_celery.tables.libraries.shapes import TaskBase

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[ast.expr, Region]
"""An expression and the region that it must be read in."""


class Fact:
    """A node that means something to Celery, with its statement and region."""

    __slots__ = ("node", "region", "statement")

    node: ast.AST

    def __init__(self, node: ast.AST, statement: ast.stmt, region: Region) -> None:
        self.node = node
        self.statement = statement
        self.region = region

    @property
    def certain(self) -> bool:
        """Whether the evidence is enough to report an error; may look into another file."""
        return True


class TaskClass:
    """A Task class as far as it can be read: what it and its bases set and define."""

    __slots__ = ("attributes", "calls", "complete", "libraries", "methods", "sends")

    def __init__(
        self,
        attributes: Mapping[str, Place] | None = None,
        methods: Mapping[str, ast.AST] | None = None,
        complete: bool = True,
        calls: tuple[ast.AST, ...] = (),
        libraries: tuple[TaskBase, ...] = (),
        sends: tuple[ast.AST, ...] = (),
    ) -> None:
        self.attributes: Mapping[str, Place] = attributes or {}
        self.methods: Mapping[str, ast.AST] = methods or {}
        self.complete = complete
        """Every base was readable, down to Celery's own Task."""
        self.calls = calls
        """Each `__call__` that the class and its bases define, in no order."""
        self.libraries = libraries
        """What is known of those bases that other packages bring; see `facts.libraries`."""
        self.sends = sends
        """Each `apply_async` that the class and its bases define, in no order."""

    @property
    def runs_plainly(self) -> bool:
        """Tell whether the function gets a message's arguments as they are."""
        if not self.complete or "__call__" in self.attributes:
            return False
        if any(base.body != "arguments" or "__call__" in base.replaces for base in self.libraries):
            return False
        return all(passes_arguments_on(method) for method in self.calls)

    @property
    def returns_plainly(self) -> bool:
        """Tell whether what the function returns is the task's result, whatever it is given."""
        if not self.complete or "__call__" in self.attributes:
            return False
        if any(base.body != "arguments" or "__call__" in base.replaces for base in self.libraries):
            return False
        return all(keeps_result(method) for method in self.calls)

    @property
    def sends_plainly(self) -> bool:
        """Tell whether a message gets the arguments that `delay` and `apply_async` are given."""
        if not self.complete or "apply_async" in self.attributes:
            return False
        if any("apply_async" in base.replaces for base in self.libraries):
            return False
        return all(sends_arguments_on(method) for method in self.sends)

    def lacks(self, name: str) -> bool:
        """Tell whether neither the class nor any base sets or defines `name`."""
        return self.complete and name not in self.attributes and name not in self.methods


PLAIN: Final = TaskClass()
UNREADABLE_CLASS: Final = TaskClass(complete=False)


class Application:
    """A Celery application: where its name comes from and which Task class it has."""

    __slots__ = ("arguments", "home", "known", "lax", "node", "region", "target", "task_class")

    def __init__(
        self,
        known: bool,
        task_class: TaskClass,
        target: str | None = None,
        node: ast.AST | None = None,
        region: Region | None = None,
        lax: bool = False,
        home: Module | None = None,
    ) -> None:
        self.known = known
        """Built from `celery.Celery`; else only named and imported like one."""
        self.task_class = task_class
        self.target = target
        self.node = node
        self.region = region
        self.lax = lax
        """Built with `strict_typing`, or with arguments that may hold it."""
        self.home = home
        """The module that builds it, where that was read."""


class Option:
    """One task option: the expression that gives it, where to read that, where to report."""

    __slots__ = ("inherited", "keyword", "name", "region", "value")

    def __init__(
        self,
        name: str,
        value: ast.expr,
        region: Region,
        keyword: ast.keyword | None,
        inherited: bool = False,
    ) -> None:
        self.name = name
        self.value = value
        self.region = region
        self.keyword = keyword
        self.inherited = inherited


class Absent:
    """The option is certainly not given. False in a condition, as UNKNOWN is."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()
FactType = TypeVar("FactType", bound=Fact)
