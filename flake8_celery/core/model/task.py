"""What is known of a task: what makes it, its options; `find_tasks` finds them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal, Protocol

from flake8_celery.core.model.fact import (
    ABSENT,
    Absent,
    Application,
    Fact,
    Function,
    Option,
    Place,
    TaskClass,
)
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.flow import escapes
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.containers import options_of
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import UNKNOWN, Unknown, Values
from flake8_celery.record import NamedTuple


class View(Protocol):
    """What a fact may ask of the module that it stands in."""

    project: Project
    resolver: Resolver

    def base_of(self, task: Task) -> TaskClass:
        """See `Task.base`."""

    def class_of_application(self, application: Application) -> TaskClass:
        """An application's own Task class; follows the import where it stands elsewhere."""

    def default_task_class(self) -> TaskClass:
        """The Task class of the project's app, for tasks that name none."""

    def full_application(self, application: Application | None) -> Application | None:
        """An application with what its own file says of it; for None the project's."""

    def is_imported_task(self, target: str) -> bool:
        """Tell whether an imported name is a task, on evidence; reads the other file once."""

    def imported_task(self, target: str) -> Task | None:
        """The task that an imported name means, from its own file, or None."""

    def named_task(self, node: ast.expr | None, region: Region) -> Task | None:
        """The task whose registered name an expression gives, where it is in sight."""


class TaskName(NamedTuple):
    """A task's name, whether it is written out, and why it can't be told."""

    value: str | None
    explicit: bool = False
    reason: str = ""
    any: bool = False
    """Not known, and nothing limits what it may be."""


Style = Literal["app", "shared", "project", "class", "library"]
"""How a task is made: see `Task`."""


class Task(Fact):
    """A task: a decorated function, `app.task(function)`, or a Task subclass.

    `style` is `app`, `shared`, `project` (a decorator of the user's own), `class` or `library` (a
    decorator of a package beside Celery).
    """

    __slots__ = (
        "_base",
        "_splats",
        "above",
        "again",
        "application",
        "arguments",
        "below",
        "call",
        "decorator",
        "function",
        "options_region",
        "registered",
        "style",
        "view",
        "wrapper",
    )

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        view: View,
        style: Style,
        *,
        decorator: ast.expr | None = None,
        call: ast.Call | None = None,
        function: Function | None = None,
        application: Application | None = None,
        options_region: Region | None = None,
    ) -> None:
        super().__init__(node, statement, region)
        self.view = view
        self.style = style
        self.decorator = decorator
        """The decorator expression as written above the function, or None."""
        self.call = call
        """The call that holds the options: `shared_task(bind=True)`, or None."""
        self.arguments = Arguments(call)
        self.function = function
        """The function that runs, where it can be told."""
        self.application = application
        self.options_region = options_region or region
        self.below: list[ast.expr] = []
        """Decorators between the task decorator and the function."""
        self.above: list[ast.expr] = []
        """Decorators that stand above the task decorator."""
        self.wrapper: Wrapper | None = None
        """The user's own function that makes the task, where it can be read."""
        self.registered: TaskName | None = None
        """Its name, once `naming.name_of` was asked for it."""
        self._splats: Mapping[str, Place] | Unknown | None = None
        self._base: TaskClass | None = None
        self.again: list[Task] = []
        """Further tasks that more task decorators make of the same function."""
        if function is not None and decorator is not None:
            decorators = function.decorator_list
            index = decorators.index(decorator)
            self.above, self.below = decorators[:index], decorators[index + 1 :]

    @property
    def name(self) -> str:
        """The function's or class's own name, for messages."""
        if self.function is not None:
            return self.function.name
        return self.node.name if isinstance(self.node, ast.ClassDef) else "task"

    def place(self, seen_from: Fact) -> str:
        """Where it is defined, for messages: `line 12`, or `shop/tasks.py:12` of another file."""
        line = getattr(self.function or self.node, "lineno", 1)
        if seen_from.region.module is self.region.module:
            return f"line {line}"
        return f"{self.view.project.shown()}:{line}"

    @property
    def base(self) -> TaskClass:
        """The Task class it is made from: `base=`, or its app's own."""
        if self._base is not None:
            return self._base
        found = self.view.base_of(self)
        if self.view.resolver.judging:
            # of the linted module; one of another file outlives this run, and files change
            self._base = found
        return found

    def option(self, name: str) -> Option | Absent | Unknown:
        """An option: own, inherited from the Task class, ABSENT, or UNKNOWN."""
        own = self.own(name)
        if own is not None:
            return own
        given = self.splatted()
        if isinstance(given, Unknown):
            return UNKNOWN
        if name in given:
            return Option(name, *given[name], None, inherited=True)
        base = self.base
        place = base.attributes.get(name)
        if place is not None:
            return Option(name, place[0], place[1], None, inherited=True)
        return ABSENT if base.sets_no(name) else UNKNOWN

    def splatted(self) -> Mapping[str, Place] | Unknown:
        """The options that `**` arguments give, and the function that wraps the decorator.

        UNKNOWN where one of them can't be read: then any option may be given.
        """
        if self._splats is None:
            self._splats = self._read_splats()
        return self._splats

    def _read_splats(self) -> Mapping[str, Place] | Unknown:
        if self.style == "project":
            return self.wrapper.options(self) if self.wrapper is not None else UNKNOWN
        if self.call is None or not self.arguments.splat_keywords:
            return {}
        return splatted(self.view.resolver, self.call, self.options_region)

    def own(self, name: str) -> Option | None:
        """The option where the task itself gives it."""
        keyword = self.arguments.keywords.get(name)
        if keyword is not None:
            return Option(name, keyword.value, self.options_region, keyword)
        if isinstance(self.node, ast.ClassDef):
            inner = self.view.resolver.class_regions[self.node]
            found = inner.bindings.get(name)
            if found and len(found) == 1 and found[0].value is not None:
                return Option(name, found[0].value, inner, None)
        return None

    def option_values(self, option: Option) -> Values:
        """Every value that an option of this task may have, or UNKNOWN."""
        return self.view.resolver.values(option.value, option.region)

    @property
    def full_application(self) -> Application | None:
        """The app it belongs to, read from its own file where imported; None where unknown."""
        return self.view.full_application(self.application)

    @property
    def bind(self) -> bool | Unknown:
        """Whether the task gets itself as first argument; UNKNOWN under a splat."""
        keyword = self.arguments.keywords.get("bind")
        place: Place | None = None
        if keyword is not None:
            place = keyword.value, self.options_region
        elif self.style == "class":
            return True
        elif self.style == "project" or self.arguments.splat_keywords:
            given = self.splatted()
            if isinstance(given, Unknown):
                return UNKNOWN
            place = given.get("bind")
        if place is None:
            return False
        values = self.view.resolver.values(*place)
        if isinstance(values, Unknown) or len({bool(value) for value in values}) != 1:
            return UNKNOWN
        return bool(values[0])

    @property
    def parameters(self) -> ast.arguments | Unknown:
        """The parameters as Celery sees them, `self` of a bound task included.

        UNKNOWN where the function is not in sight or another decorator stands below.
        """
        if self.function is None or self.below or self.style == "project":
            return UNKNOWN
        return self.function.args

    @property
    def self_name(self) -> str | None:
        """The name that the body knows the task by: `self` of a bound task, or None."""
        if self.function is None or not self.bind:
            return None
        arguments = self.function.args
        first = [*arguments.posonlyargs, *arguments.args]
        return first[0].arg if first else None

    @property
    def self_escapes(self) -> bool:
        """Whether the body hands the task on, so that another function may use it."""
        if self.function is None:
            return True
        name = self.self_name
        return name is not None and escapes(self.function.body, name)


def splatted(resolver: Resolver, call: ast.Call, region: Region) -> Mapping[str, Place] | Unknown:
    """What the `**` arguments of a call give, by name; UNKNOWN where one can't be read."""
    found: dict[str, Place] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            more = options_of(resolver, keyword.value, region)
            if more is None:
                return UNKNOWN
            found.update(more)
    return found


class Wrapper:
    """A function of the user's own that makes a task: `return app.task(queue="slow")(function)`.

    `call` is the decorator's call within it; `passed` maps its parameters to what the user gives.
    """

    __slots__ = ("application", "call", "passed", "region", "rest", "style", "view")

    def __init__(
        self,
        view: View,
        style: Style,
        application: Application | None,
        call: ast.Call | None,
        region: Region,
        passed: Mapping[str, Place],
        rest: str | None,
    ) -> None:
        self.view = view
        self.style = style
        self.application = application
        self.call = call
        self.region = region
        self.passed = passed
        self.rest = rest
        """The name of its `**kwargs`, which may be handed on."""

    def options(self, task: Task) -> Mapping[str, Place] | Unknown:
        """The options that it sets, or UNKNOWN where it may set more than can be read."""
        found: dict[str, Place] = {}
        for keyword in self.call.keywords if self.call is not None else ():
            value = keyword.value
            if keyword.arg is not None:
                place: Place = value, self.region
                if isinstance(value, ast.Name) and value.id in self.passed:
                    place = self.passed[value.id]
                found[keyword.arg] = place
            elif not isinstance(value, ast.Name) or value.id != self.rest:
                more = options_of(self.view.resolver, value, self.region)
                if more is None:
                    return UNKNOWN
                found.update(more)
        return found

    def task_class(self) -> TaskClass:
        """The Task class where no option names one."""
        if self.application is not None:
            return self.view.class_of_application(self.application)
        return self.view.default_task_class()
