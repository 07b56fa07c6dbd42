"""What a fact is, and what tasks and applications are made of."""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.flow import (
    keeps_itself,
    keeps_result,
    passes_arguments_on,
    sends_arguments_on,
)
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.degrees import BASE_CLASS, TASK_CLASS, assume
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


class CallFact(Fact):
    """A call that means something to Celery, with its arguments."""

    __slots__ = ("arguments", "call")
    node: ast.Call

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)


class Unread(enum.Enum):
    """Which part of a Task class can't be read."""

    NOTHING = "nothing"
    """Every base was read, down to Celery's own Task: all is known."""
    APPLICATION = "the application's own class"
    """The application can't be read; no sign of a class of its own, so likely Celery's."""
    BASE = "a base of another package"
    """The methods are likely Celery's own, and options may well be set."""
    ANYTHING = "all that isn't in sight"
    """Unknown."""


class TaskClass:
    """A Task class as far as it can be read: what it and its bases set and define."""

    __slots__ = ("attributes", "calls", "libraries", "methods", "sends", "unread")

    def __init__(
        self,
        attributes: Mapping[str, Place] | None = None,
        methods: Mapping[str, ast.AST] | None = None,
        unread: Unread = Unread.NOTHING,
        calls: tuple[ast.AST, ...] = (),
        libraries: tuple[TaskBase, ...] = (),
        sends: tuple[ast.AST, ...] = (),
    ) -> None:
        self.attributes: Mapping[str, Place] = attributes or {}
        self.methods: Mapping[str, ast.AST] = methods or {}
        self.unread = unread
        self.calls = calls
        """Each `__call__` that the class and its bases define, in no order."""
        self.libraries = libraries
        """What is known of those bases that other packages bring; see `facts.libraries`."""
        self.sends = sends
        """Each `apply_async` that the class and its bases define, in no order."""

    @property
    def complete(self) -> bool:
        """Whether every base was readable, down to Celery's own Task."""
        return self.unread is Unread.NOTHING

    @property
    def runs_plainly(self) -> bool:
        """Tell whether the function gets a message's arguments as they are."""
        return self._every_call(passes_arguments_on)

    @property
    def keeps_itself(self) -> bool:
        """Tell whether the function surely gets no task of it, whatever else it is given."""
        return self._every_call(lambda each: passes_arguments_on(each) or keeps_itself(each))

    def _every_call(self, test: Callable[[ast.AST], bool]) -> bool:
        """Whether each `__call__` passes a test, and no library or attribute brings another."""
        if "__call__" in self.attributes:
            return False
        if any(base.body != "arguments" or "__call__" in base.replaces for base in self.libraries):
            return False
        return all(map(test, self.calls)) and self.trusted()

    def of_application(self) -> TaskClass:
        """As the class of all tasks of an application: one that nobody needed to choose is likely
        Celery's; one that was chosen, and has a base that can't be read, may do anything.
        """
        if self.unread is not Unread.BASE:
            return self
        return TaskClass(
            self.attributes,
            self.methods,
            Unread.ANYTHING,
            self.calls,
            self.libraries,
            self.sends,
        )

    def trusted(self) -> bool:
        """Tell whether what can't be read is nothing, or likely leaves the methods alone."""
        if self.unread is Unread.APPLICATION:
            return assume(TASK_CLASS)
        if self.unread is Unread.BASE:
            return assume(BASE_CLASS)
        return self.complete

    @property
    def returns_plainly(self) -> bool:
        """Tell whether what the function returns is the task's result, whatever it is given."""
        if "__call__" in self.attributes:
            return False
        if any(base.body != "arguments" or "__call__" in base.replaces for base in self.libraries):
            return False
        return all(keeps_result(method) for method in self.calls) and self.trusted()

    @property
    def sends_plainly(self) -> bool:
        """Tell whether a message gets the arguments that `delay` and `apply_async` are given."""
        if "apply_async" in self.attributes:
            return False
        if any("apply_async" in base.replaces for base in self.libraries):
            return False
        return all(sends_arguments_on(method) for method in self.sends) and self.trusted()

    def lacks(self, name: str) -> bool:
        """Tell whether neither the class nor any base sets or defines `name`; maybe only likely."""
        return name not in self.attributes and name not in self.methods and self.trusted()

    def sets_no(self, option: str) -> bool:
        """As `lacks`, for an option: a base that can't be read may well set one."""
        return self.unread is not Unread.BASE and self.lacks(option)

    def would_lack(self, name: str) -> bool:
        """As `lacks`, for a name that is just another name misspelt: nobody defines such a one."""
        if name in self.attributes or name in self.methods:
            return False
        return self.trusted() or assume(BASE_CLASS)


PLAIN: Final = TaskClass()
LIKELY_PLAIN: Final = TaskClass(unread=Unread.APPLICATION)
UNREADABLE_CLASS: Final = TaskClass(unread=Unread.ANYTHING)


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
