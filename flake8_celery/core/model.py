"""The facts that rules read: tasks, dispatches, canvases, schedules, settings, queues.

`build` classifies the candidates of one pass, once all imports and bindings are known. A fact is
made only on evidence: an attribute called `task` or `delay` is none by itself.
"""

from __future__ import annotations

import ast
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from flake8_celery.core import flow, follow
from flake8_celery.core.notes import Notes
from flake8_celery.core.project import (
    APP_FILES,
    MAX_HOPS,
    MAX_SIBLINGS,
    Project,
    current_files,
    package_of,
    root_of,
)
from flake8_celery.core.read import read
from flake8_celery.core.resolve import (
    MAX_DEPTH,
    UNKNOWN,
    Definition,
    Outline,
    Resolver,
    Unknown,
    Values,
    dotted,
)
from flake8_celery.core.source import (
    FUNCTION,
    TRY,
    WITH,
    FunctionNode,
    Module,
    Region,
    import_target,
)
from flake8_celery.facts.libraries import app_class, makes_tasks, task_base
from flake8_celery.facts.libraries.shapes import TaskBase

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[ast.expr, Region]
"""An expression and the region that it must be read in."""

#: Libraries of background tasks that are not Celery and look like it.
FOREIGN: Final = frozenset(
    [
        "aio_celery",
        "apscheduler",
        "arq",
        "asgi_tasks",
        "django_q",
        "django_rq",
        "django_tasks",
        "dramatiq",
        "fabric",
        "faust",
        "flytekit",
        "huey",
        "invoke",
        "luigi",
        "nox",
        "prefect",
        "procrastinate",
        "qtasks",
        "repid",
        "rocketry",
        "rq",
        "saq",
        "streaq",
        "taskiq",
        "taskiq_redis",
        "taskqueue",
        "taskflow",
        "uwsgidecorators",
    ]
)
_SHARED: Final = frozenset(
    {
        "celery.shared_task",
        "celery.app.shared_task",
        "celery.task",
        "celery.task.task",
        "celery.task.periodic_task",
        "celery.task.base.task",
        "celery.decorators.task",
        "celery.decorators.periodic_task",
    }
)
_CELERY_CLASSES: Final = frozenset(
    {"celery.Celery", "celery.app.Celery", "celery.app.base.Celery", "celery.App"}
)
_TASK_CLASSES: Final = frozenset(
    {
        "celery.Task",
        "celery.app.Task",
        "celery.app.task.Task",
        "celery.task.Task",
        "celery.task.base.Task",
        "celery.contrib.django.task.DjangoTask",
    }
)
_CURRENT_APPS: Final = frozenset(
    {"celery.current_app", "celery._state.current_app", "celery.app.default_app"}
)
_HARMLESS_BASES: Final = frozenset(
    {"object", "abc.ABC", "typing.Generic", "Generic", "ABC", "typing.Protocol"}
)
_APP_NAMES: Final = frozenset({"app", "celery", "celery_app", "cel", "capp"})
OPTION_METHODS: Final = frozenset(
    {"apply_async", "apply_async_on_commit", "send_task", "set", "signature", "subtask"}
)
_BLOCKING: Final = frozenset({"get", "join", "join_native", "wait", "collect"})


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


class Arguments:
    """The arguments of one call: by position, by keyword, and whether splats hide some."""

    __slots__ = ("keywords", "positional", "splat", "splat_keywords")

    def __init__(self, call: ast.Call | None) -> None:
        self.positional: list[ast.expr] = []
        self.keywords: dict[str, ast.keyword] = {}
        self.splat = False
        """A `*args` is among them: positions after it are unknown."""
        self.splat_keywords = False
        """A `**kwargs` is among them: any keyword may be given."""
        if call is None:
            return
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                self.splat = True
            elif not self.splat:
                self.positional.append(argument)
        for keyword in call.keywords:
            if keyword.arg is None:
                self.splat_keywords = True
            else:
                self.keywords[keyword.arg] = keyword

    def get(self, name: str, position: int | None = None) -> ast.expr | None:
        """The argument given by keyword, or by position (0-based), or None."""
        keyword = self.keywords.get(name)
        if keyword is not None:
            return keyword.value
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def lacks(self, name: str, position: int | None = None) -> bool:
        """Tell whether the argument is certainly not given."""
        if name in self.keywords or self.splat_keywords:
            return False
        return position is None or (position >= len(self.positional) and not self.splat)


class TaskClass:
    """A Task class as far as it can be read: what it and its bases set and define."""

    __slots__ = ("attributes", "calls", "complete", "libraries", "methods")

    def __init__(
        self,
        attributes: Mapping[str, Place] | None = None,
        methods: Mapping[str, ast.AST] | None = None,
        complete: bool = True,
        calls: tuple[ast.AST, ...] = (),
        libraries: tuple[TaskBase, ...] = (),
    ) -> None:
        self.attributes: Mapping[str, Place] = attributes or {}
        self.methods: Mapping[str, ast.AST] = methods or {}
        self.complete = complete
        """Every base was readable, down to Celery's own Task."""
        self.calls = calls
        """Each `__call__` that the class and its bases define, in no order."""
        self.libraries = libraries
        """What is known of those bases that other packages bring; see `facts.libraries`."""

    @property
    def runs_plainly(self) -> bool:
        """Tell whether the function gets a message's arguments as they are."""
        if not self.complete or "__call__" in self.attributes:
            return False
        if any(base.body != "arguments" or "__call__" in base.replaces for base in self.libraries):
            return False
        return all(flow.passes_arguments_on(method) for method in self.calls)

    def lacks(self, name: str) -> bool:
        """Tell whether neither the class nor any base sets or defines `name`."""
        return self.complete and name not in self.attributes and name not in self.methods


_pending: set[str] = set()
"""Task classes being read, so that classes that import each other end."""

_reading: set[ast.AST] = set()
"""Functions that make an application, being read."""

PLAIN: Final = TaskClass()
UNREADABLE: Final = TaskClass(complete=False)


def known_task_class(name: str | None) -> TaskClass | None:
    """Celery's own Task class, or one of a library that is known; None for any other name."""
    if name in _TASK_CLASSES:
        return PLAIN
    base = task_base(name)
    if base is None:
        return None
    names = base.options | base.adds | base.replaces
    # given beside the table that they belong into they are CEL927's matter
    names = names.union(*(table.keys for table in base.tables.values()))
    return TaskClass(methods=dict.fromkeys(names, _ELSEWHERE), libraries=(base,))


_ELSEWHERE: Final = ast.Pass()
"""Stands for a definition in a package that is not read."""


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


class TaskName(NamedTuple):
    """A task's name, whether it is written out, and why it can't be told."""

    value: str | None
    explicit: bool = False
    reason: str = ""
    any: bool = False
    """Not known, and nothing limits what it may be."""


class Task(Fact):
    """A task: a decorated function, `app.task(function)`, or a Task subclass.

    `style` is `app`, `shared`, `project` (a decorator of the user's own) or `class`.
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
        style: str,
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
        return ABSENT if base.lacks(name) else UNKNOWN

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
        return name is not None and flow.escapes(self.function.body, name)


def splatted(resolver: Resolver, call: ast.Call, region: Region) -> Mapping[str, Place] | Unknown:
    """What the `**` arguments of a call give, by name; UNKNOWN where one can't be read."""
    found: dict[str, Place] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            more = follow.options_of(resolver, keyword.value, region)
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
        style: str,
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
                more = follow.options_of(self.view.resolver, value, self.region)
                if more is None:
                    return UNKNOWN
                found.update(more)
        return found

    def task_class(self) -> TaskClass:
        """The Task class where no option names one."""
        if self.application is not None:
            return self.view.class_of_application(self.application)
        return self.view.default_task_class()


class Dispatch(Fact):
    """A task or signature sent, or made ready to be sent: `t.delay(1)`, `t.s(1)`, `send_task`.

    `on` says what the method is called on: `task`, `imported` (a task of another module, most
    likely), `signature` (canvases too) or `app`. A canvas that is called has the method `__call__`.
    """

    __slots__ = ("arguments", "call", "method", "on", "receiver", "target", "task", "view")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        view: View,
        *,
        on: str,
        method: str,
        receiver: ast.expr,
        call: ast.Call | None,
        task: Task | None = None,
        target: str | None = None,
    ) -> None:
        super().__init__(node, statement, region)
        self.view = view
        self.on = on
        self.method = method
        self.receiver = receiver
        self.call = call
        """The call, or None for a bare reference such as `on_commit(t.delay)`."""
        self.arguments = Arguments(call)
        self.task = task
        self.target = target

    @property
    def certain(self) -> bool:
        """See `Fact.certain`: an imported receiver is looked up in its own file."""
        return self.on != "imported" or self.view.is_imported_task(self.target or "")

    @property
    def options(self) -> Mapping[str, ast.keyword]:
        """The execution options that the call gives: those of `apply_async`, none of `delay`."""
        return self.arguments.keywords if self.method in OPTION_METHODS else {}

    def resolved_task(self) -> Task | None:
        """The task that is sent; for an imported one its own module is read."""
        if self.task is None and self.on == "imported":
            return self.view.imported_task(self.target or "")
        if self.task is None and self.on == "app":
            return self._named_task()
        return self.task

    def _named_task(self) -> Task | None:
        """The task that `send_task` or `signature` is given the name of, where it is in sight."""
        node = self.arguments.get("name" if self.method == "send_task" else "varies", 0)
        return self.view.named_task(node, self.region)

    def task_class(self) -> TaskClass:
        """The Task class of what is sent, as far as it can be told."""
        task = self.resolved_task()
        return task.base if task is not None else self.view.default_task_class()

    @property
    def name(self) -> str:
        """The receiver as written, for messages."""
        return dotted(self.receiver) or "it"


class TaskCall(Fact):
    """A task called like a function: `charge(1)` runs it here and now."""

    __slots__ = ("_task", "call", "target", "view")

    def __init__(
        self,
        node: ast.Call,
        statement: ast.stmt,
        region: Region,
        view: View,
        task: Task | None,
        target: str,
    ) -> None:
        super().__init__(node, statement, region)
        self.view = view
        self._task = task
        self.call = node
        self.target = target
        """Where the name is imported from, if it is; whether it is a task its own file tells."""

    @property
    def certain(self) -> bool:
        """See `Fact.certain`."""
        return self.resolved_task() is not None

    def resolved_task(self) -> Task | None:
        """The task that is called; for an imported one its own module is read."""
        return self._task or self.view.imported_task(self.target)


class Retry(Fact):
    """A call of a task's `retry`, with the task where it is known."""

    __slots__ = ("arguments", "call", "task")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, task: Task | None
    ) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)
        self.task = task


class GiveUp(Fact):
    """A handler of `MaxRetriesExceededError`; `around` is its `try`, `named` the type in it."""

    __slots__ = ("around", "named")
    node: ast.ExceptHandler

    def __init__(
        self, node: ast.ExceptHandler, around: ast.Try, region: Region, named: ast.expr
    ) -> None:
        super().__init__(node, around, region)
        self.around = around
        self.named = named


class Terminate(Fact):
    """A call of `revoke` with `terminate=`, or of `terminate`, whatever it is called on."""

    __slots__ = ("arguments",)
    node: ast.Call

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.arguments = Arguments(node)


class Replace(Fact):
    """A call of a bound task's `self.replace`, which raises `Ignore`."""

    __slots__ = ("call", "task")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region, task: Task) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.task = task


class NotAFunction(Fact):
    """Something given to a task decorator that Celery can't make a task of.

    `node` is the place to report, `what` says what it is.
    """

    __slots__ = ("what",)

    def __init__(self, node: ast.AST, statement: ast.stmt, region: Region, what: str) -> None:
        super().__init__(node, statement, region)
        self.what = what


def members(resolver: Resolver, node: ast.expr, region: Region) -> Iterator[Place]:
    """The members of a list, tuple or comprehension, else the argument itself."""
    expressions = resolver.expressions(node, region)
    if isinstance(expressions, Unknown) or len(expressions) != 1:
        yield node, region
        return
    expression, scope = expressions[0]
    if isinstance(expression, (ast.List, ast.Tuple)):
        for element in expression.elts:
            if not isinstance(element, ast.Starred):
                yield element, scope
    elif isinstance(expression, (ast.GeneratorExp, ast.ListComp)):
        yield expression.elt, resolver.class_regions.get(expression, scope)
    else:
        yield node, region


class Canvas(Fact):
    """A call of `chain`, `group` or `chord`."""

    __slots__ = ("arguments", "call", "kind", "view")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, view: View, kind: str
    ) -> None:
        super().__init__(node, statement, region)
        self.view = view
        self.kind = kind
        self.call = node
        self.arguments = Arguments(node)

    def elements(self) -> list[Place]:
        """The elements in sight (tasks of a chain, members of a group, header of a chord)."""
        given = self.arguments.positional
        region = self.region
        if self.kind == "chord":
            header = self.arguments.get("header", 0)
            given = [header] if header is not None else []
        elif self.kind == "group" and not given and "tasks" in self.arguments.keywords:
            given = [self.arguments.keywords["tasks"].value]
        if len(given) == 1:
            return list(members(self.view.resolver, given[0], region))
        return [(element, region) for element in given if not isinstance(element, ast.Starred)]


class Pipe(Fact):
    """`a | b` where at least one side is a signature."""

    __slots__ = ()
    node: ast.BinOp


class Blocking(Fact):
    """A call inside a task's own body that waits for a result: `.get()`, `.join()`, `~sig`."""

    __slots__ = ("arguments", "dispatch", "method", "task")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        task: Task,
        method: str,
        dispatch: Dispatch | None,
    ) -> None:
        super().__init__(node, statement, region)
        self.task = task
        self.method = method
        self.dispatch = dispatch
        self.arguments = Arguments(node if isinstance(node, ast.Call) else None)

    @property
    def certain(self) -> bool:
        """See `Fact.certain`."""
        return self.dispatch is None or self.dispatch.certain


class OnCommit(Fact):
    """A call of Django's `transaction.on_commit`."""

    __slots__ = ("arguments", "call", "dispatch")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)
        self.dispatch: Dispatch | None = None
        """The dispatch that stands directly in the callback's place, if any."""

    @property
    def certain(self) -> bool:
        """See `Fact.certain`."""
        return self.dispatch is None or self.dispatch.certain


class Crontab(Fact):
    """A call of `crontab` or `crontab.from_string`."""

    __slots__ = ("arguments", "call", "from_string")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, from_string: bool
    ) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)
        self.from_string = from_string


class Setting(Fact):
    """A Celery setting given a value in source; `key` is its current lower-case name.

    `how` is `=` for a value, `[]` for one key of a mapping set from outside, `update` for keys
    added to a mapping. `item` is the key's expression for `[]`. `form` is `conf` where it is set on
    the application itself, else `module`, `class` or `dict`: what the application may load.
    """

    __slots__ = ("form", "how", "item", "key", "value", "written")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        *,
        key: str,
        written: str,
        value: ast.expr,
        how: str = "=",
        item: ast.expr | None = None,
        form: str = "module",
    ) -> None:
        super().__init__(node, statement, region)
        self.key = key
        self.written = written
        self.value = value
        self.how = how
        self.item = item
        self.form = form


class UnknownSetting(Fact):
    """A name that stands where settings do and that Celery does not know; `form` as `Setting`."""

    __slots__ = ("form", "value", "written")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        *,
        written: str,
        value: ast.expr,
        form: str,
    ) -> None:
        super().__init__(node, statement, region)
        self.written = written
        self.value = value
        self.form = form


class App(Fact):
    """A Celery application built at the top of this module; `node` is the call."""

    __slots__ = ("application", "name")
    node: ast.Call

    def __init__(
        self,
        node: ast.Call,
        statement: ast.stmt,
        region: Region,
        name: str,
        application: Application,
    ) -> None:
        super().__init__(node, statement, region)
        self.name = name
        self.application = application


class AppCall(Fact):
    """A call of an application's `config_from_object` or `autodiscover_tasks`."""

    __slots__ = ("arguments", "call", "method", "receiver")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, receiver: ast.expr, method: str
    ) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)
        self.receiver = receiver
        self.method = method


class InsecureSerializers(Fact):
    """A call of kombu's `enable_insecure_serializers`."""

    __slots__ = ("arguments",)

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.arguments = Arguments(node)


class BeatEntry(Fact):
    """One entry of a beat schedule: a dict display or a `dict(...)` call.

    `fields` maps each key in sight to its key node and value; `complete` is false where a splat or
    a computed key hides some. `label` is the entry's name as written, or an empty string; `place`
    is where that name stands, or the entry itself.
    """

    __slots__ = ("complete", "fields", "label", "place")

    def __init__(
        self,
        node: ast.expr,
        statement: ast.stmt,
        region: Region,
        label: str,
        fields: Mapping[str, tuple[ast.AST, ast.expr]],
        complete: bool,
        place: ast.AST | None = None,
    ) -> None:
        super().__init__(node, statement, region)
        self.label = label
        self.fields = fields
        self.complete = complete
        self.place = place or node


class Periodic(Fact):
    """A call of `add_periodic_task(schedule, sig, args, kwargs, name, **options)`."""

    __slots__ = ("arguments", "call")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)


class QueueCall(Fact):
    """A call of kombu's `Queue` or `Exchange` (`kind`)."""

    __slots__ = ("arguments", "call", "kind")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region, kind: str) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.kind = kind
        self.arguments = Arguments(node)


class SignalConnect(Fact):
    """A handler connected to one of Celery's signals, by call or as a decorator.

    `handler` is the function definition, the lambda or the expression given.
    """

    __slots__ = ("arguments", "call", "decorator", "handler", "signal")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        *,
        signal: str,
        handler: ast.AST,
        call: ast.Call | None,
        decorator: bool,
    ) -> None:
        super().__init__(node, statement, region)
        self.signal = signal
        self.handler = handler
        self.call = call
        self.arguments = Arguments(call)
        self.decorator = decorator


class StateUpdate(Fact):
    """A call of a task's `update_state`."""

    __slots__ = ("arguments", "call")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.arguments = Arguments(node)


class Raise(Fact):
    """`raise` of one of Celery's own exceptions inside a task; `name` is `Retry`, `Ignore`, ..."""

    __slots__ = ("called", "name", "task")
    node: ast.Raise

    def __init__(
        self, node: ast.Raise, region: Region, name: str, called: bool, task: Task | None
    ) -> None:
        super().__init__(node, node, region)
        self.name = name
        self.called = called
        self.task = task


class ImportedName(Fact):
    """A name imported from Celery; `target` is its dotted name."""

    __slots__ = ("alias", "target")

    def __init__(
        self, node: ast.Import | ast.ImportFrom, region: Region, alias: ast.alias, target: str
    ) -> None:
        super().__init__(node, node, region)
        self.alias = alias
        self.target = target


class TaskAttribute(Fact):
    """An attribute of a known task that looks like a misspelt method."""

    __slots__ = ("task",)
    node: ast.Attribute

    def __init__(
        self, node: ast.Attribute, statement: ast.stmt, region: Region, task: Task
    ) -> None:
        super().__init__(node, statement, region)
        self.task = task


FactType = TypeVar("FactType", bound=Fact)


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
                            if target in _SHARED:
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
        found = follow.find(self.resolver, target)
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
    def made(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call builds, or a function of this module that it calls."""

    @abstractmethod
    def built(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call of `Celery` (or a subclass of this module) builds."""

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


class Lookup(Model):
    """Tasks and functions that names and calls mean, here and in other modules."""

    def task(self, node: ast.expr, region: Region) -> Task | None:
        """The one task that an expression names in this module."""
        tasks = self.task_of
        if not tasks:
            return None
        resolver = self.resolver
        for _ in range(MAX_DEPTH):
            if isinstance(node, ast.Call):
                return tasks.get(node)
            if isinstance(node, ast.Name):
                found = region.lookup(node.id)
            elif isinstance(node, ast.Attribute):
                holder = resolver.definition(node.value, region)
                if holder is None or not isinstance(holder[0], ast.ClassDef):
                    return None
                inner = resolver.class_regions.get(holder[0])
                found = inner.bindings.get(node.attr) if inner is not None else None
            else:
                return None
            if not found or len(found) != 1:
                return None
            binding = found[0]
            if binding.how == "function":
                return tasks.get(binding.node)
            if binding.how != "assign" or binding.value is None:
                return None
            node, region = binding.value, binding.scope
        return None

    def is_known(self, call: ast.Call) -> bool:
        """Tell whether a call sends a task or makes a signature."""
        return call in self.dispatches

    def function_at(self, node: ast.expr, region: Region) -> tuple[Function, Region, Model] | None:
        """The one function that an expression names, in whatever module of the project."""
        found = self.resolver.definition(node, region)
        home: Model = self
        if found is None:
            target = self.resolver.qualname(node, region)
            root = (target or "celery").lstrip(".").partition(".")[0]
            there = None if root in ("celery", "django") else self.find(target or "")
            if there is None:
                return None
            home = self.neighbours(there[0]).model
            bindings = home.module.region.bindings.get(there[1])
            if not bindings or len(bindings) != 1:
                return None
            found = bindings[0].node, bindings[0].scope
        if isinstance(found[0], FunctionNode):
            return found[0], found[1], home
        return None

    def starred(self, node: ast.expr, region: Region) -> str | None:
        """The dotted name that `import *` gives to a name that nothing else binds."""
        if not self.module.region.star or not isinstance(node, ast.Name):
            return None
        if region.lookup(node.id) is not None:
            return None
        target: str | None = None
        for statement, _ in self.candidates.imports:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                found = self.find(import_target(statement, node.id))
                if found is None:
                    target = None  # what is out of sight may bind it anew
                elif found[1] in found[0].module.region.bindings:
                    target = import_target(statement, node.id)
        return target

    def is_imported_task(self, target: str) -> bool:
        """Tell whether an imported name is a task, on evidence; reads the other file once."""
        known = self._imported_task(target)
        if isinstance(known, Unknown):
            # out of sight: this file's own evidence decides
            lowered = target.lower()
            return self.imports_celery or "celery" in lowered or "task" in lowered
        return known is not None

    def imported_task(self, target: str) -> Task | None:
        """The task that an imported name means, from its own file, or None."""
        found = self._imported_task(target)
        return None if isinstance(found, Unknown) else found

    def _imported_task(self, target: str) -> Task | Unknown | None:
        if target not in self._is_task:
            self._is_task[target] = self._look_up_task(target)
        return self._is_task[target]

    def _look_up_task(self, target: str) -> Task | Unknown | None:
        found = self.find(target)
        if found is None:
            return self._inferred_task(self.resolver.named(target)) or UNKNOWN
        outline, name = found
        tasks = self.neighbours(outline).tasks
        if name in tasks:
            return tasks[name]
        region = outline.module.region
        unclear = region.star or len(region.bindings.get(name, ())) > 1
        return self._inferred_task(self.resolver.named(target)) or (UNKNOWN if unclear else None)

    def returned_task(self, call: ast.Call, region: Region) -> Task | None:
        """The one task that a plain function returns, whatever it is called with."""
        found = self.function_at(call.func, region)
        if found is None or found[0] in _reading or len(_reading) > MAX_HOPS:
            return None
        function, _, home = found
        inner = home.candidates.scopes.get(function)
        if inner is None or function.decorator_list or not isinstance(function, ast.FunctionDef):
            return None
        if not flow.always_exits(function.body) or home.yields_of(function):
            return None
        _reading.add(function)
        try:
            tasks = {home.task_at(value, inner) for value in flow.returned(function)}
        finally:
            _reading.discard(function)
        return tasks.pop() if len(tasks) == 1 else None

    def any_returned_task(self, call: ast.Call, region: Region) -> Task | None:
        """As `returned_task`, where the project's files don't say by inference."""
        found = self.returned_task(call, region)
        return found or self._inferred_task(self.resolver.called(call, region))

    def _inferred_task(self, functions: Sequence[Definition | None]) -> Task | None:
        """The one task that is made of each of the functions that inference leads to."""
        found = {self._task_of(function) for function in functions}
        if len(found) != 1:
            return None
        self.resolver.inferences += 1
        return found.pop()

    def _task_of(self, function: Definition | None) -> Task | None:
        if function is None:
            return None
        there = read(self.project, function.path)
        model = self.neighbours(there).model if there is not None else None
        for node, task in model.task_of.items() if model is not None else ():
            if (
                isinstance(node, FunctionNode)
                and node.name == function.name
                and node.lineno == function.line
            ):
                return task
        return None

    def task_at(self, node: ast.expr, region: Region) -> Task | None:
        """The task that an expression names, here or in another module."""
        task = self.task(node, region)
        if task is None and isinstance(node, ast.Call):
            return self.returned_task(node, region)
        if task is None and isinstance(node, (ast.Name, ast.Attribute)):
            target = self.resolver.qualname(node, region)
            task = self.imported_task(target) if target is not None else None
        return task


class TaskClasses(Lookup):
    """Which Task class a task, an application or a name has."""

    def base_of(self, task: Task) -> TaskClass:
        """See `Task.base`."""
        if isinstance(task.node, ast.ClassDef):
            return self.task_class(task.node, task.region)
        keyword = task.arguments.keywords.get("base")
        if keyword is not None:
            return self.task_class_named(keyword.value, task.options_region)
        given = task.splatted()
        if isinstance(given, Unknown):
            return UNREADABLE
        if "base" in given:
            node, region = given["base"]
            home = self._home(region)
            return home.task_class_named(node, region)
        if task.wrapper is not None:
            return task.wrapper.task_class()
        if task.application is not None:
            return self.class_of_application(task.application)
        return self.default_task_class()

    def class_of_application(self, application: Application) -> TaskClass:
        """An application's own Task class; follows the import where it stands elsewhere."""
        forced = self._forced_task_class()
        if forced is not None:
            return forced
        if application.target is None:
            return application.task_class
        found = self.application_at(application.target)
        return found.task_class if found is not None else UNREADABLE

    def default_task_class(self) -> TaskClass:
        """The Task class of the project's app, for tasks that name none."""
        forced = self._forced_task_class()
        if forced is not None:
            return forced
        application = self.default_application()
        return application.task_class if application is not None else PLAIN

    def _forced_task_class(self) -> TaskClass | None:
        given = self.options.celery_task_class
        if not given:
            return None
        if given == "plain":
            return PLAIN
        if given == "unknown":
            return UNREADABLE
        return self.task_class_at(given.replace(":", "."))

    def task_class_at(self, target: str) -> TaskClass:
        """The Task class with this dotted name, read from its own file."""
        known = known_task_class(target)
        if known is not None:
            return known
        found = self.find(target)
        if found is None:
            return known_task_class(follow.leads_to(self.resolver, target)) or UNREADABLE
        if target in _pending or len(_pending) > MAX_HOPS:
            return UNREADABLE
        facts, name = found
        bindings = facts.module.region.bindings.get(name)
        if not bindings or len(bindings) != 1 or not isinstance(bindings[0].node, ast.ClassDef):
            return UNREADABLE
        _pending.add(target)
        try:
            return self.neighbours(facts).outlined.task_class(bindings[0].node, bindings[0].scope)
        finally:
            _pending.discard(target)

    def task_class_named(self, node: ast.expr, region: Region) -> TaskClass:
        """The Task class that an expression names."""
        name = self.resolver.qualname(node, region)
        known = known_task_class(name)
        if known is not None:
            return known
        found = self.resolver.definition(node, region)
        if found is not None and isinstance(found[0], ast.ClassDef):
            return self.task_class(found[0], found[1])
        if isinstance(node, ast.Attribute) and node.attr == "Task":
            application = self.application(node.value, region)
            if application is not None:
                return self.class_of_application(application)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.task_class_at(node.value.replace(":", "."))
        return self.task_class_at(name) if name is not None else UNREADABLE

    def task_class(self, node: ast.ClassDef, region: Region) -> TaskClass:
        """What a class of this module and its bases set and define."""
        attributes: dict[str, Place] = {}
        methods: dict[str, ast.AST] = {}
        complete = True
        calls: list[ast.AST] = []
        libraries: tuple[TaskBase, ...] = ()
        classes = [node]
        for base, scope in self.resolver.bases(node, region):
            found = self.resolver.definition(base, scope)
            if found is not None and isinstance(found[0], ast.ClassDef):
                classes.append(found[0])
                continue
            base, scope = _app_task(base, scope)
            name = self.resolver.qualname(base, scope) or dotted(base) or ""
            if name in _TASK_CLASSES or name in _HARMLESS_BASES:
                continue
            if isinstance(base, ast.Attribute) and base.attr == "Task":
                application = self.application(base.value, scope)
                own = self.class_of_application(application) if application else UNREADABLE
            else:
                own = self.task_class_at(name) if name and "." in name else UNREADABLE
            for key, place in own.attributes.items():
                attributes.setdefault(key, place)
            for key, method in own.methods.items():
                methods.setdefault(key, method)
            calls += own.calls
            libraries += own.libraries
            complete = complete and own.complete
        for cls in reversed(classes):
            inner = self.candidates.scopes.get(cls)
            if inner is None:
                continue
            for key, bindings in inner.bindings.items():
                last = bindings[-1]
                if last.how == "function":
                    methods[key] = last.node
                    if key == "__call__":
                        calls += (binding.node for binding in bindings)
                elif last.value is not None and len(bindings) == 1:
                    attributes[key] = (last.value, inner)
                else:
                    complete = False
        return TaskClass(attributes, methods, complete, tuple(calls), libraries)

    def is_task_class(self, node: ast.ClassDef, region: Region) -> bool:
        """Tell whether a class certainly derives from Celery's Task."""
        for base, scope in self.resolver.bases(node, region):
            if known_task_class(self.resolver.qualname(base, scope)) is not None:
                return True
            if isinstance(base, ast.Attribute) and base.attr == "Task":
                application = self.application(base.value, scope)
                if application is not None:
                    return True
        return False

    def _assigned_task_class(self, name: str) -> TaskClass | None:
        """What the last `name.Task = X` of this module says."""
        found: TaskClass | None = None
        for statement, where in self.candidates.assigns:
            if isinstance(statement, ast.Assign):
                for goal in statement.targets:
                    if (
                        isinstance(goal, ast.Attribute)
                        and goal.attr == "Task"
                        and isinstance(goal.value, ast.Name)
                        and goal.value.id == name
                    ):
                        if name in self._assigning:
                            return None  # class X(app.Task), while app.Task = X is being read
                        self._assigning.add(name)
                        try:
                            found = self.task_class_named(statement.value, where)
                        finally:
                            self._assigning.discard(name)
        return found

    def _home(self, region: Region) -> Model:
        """The model of the module that a region lies in."""
        owner = region.module.owner
        outline = owner.outline if isinstance(owner, Resolver) else None
        if outline is None or outline is self.outline:
            return self
        return self.neighbours(outline).outlined


class Applications(TaskClasses):
    """The Celery applications of a module and of the project around it."""

    def application(self, node: ast.expr, region: Region) -> Application | None:
        """The Celery application that an expression means, on evidence; else None."""
        name = dotted(node)
        if name is None:
            if isinstance(node, ast.Call):
                return self.built(node, region)
            return None
        key = (name, region.scope)
        if key not in self._apps:
            found = self._find_application(node, name, region)
            if self._assigning:
                return found  # as it is before `app.Task = X` is done
            self._apps[key] = found
        return self._apps[key]

    def _find_application(self, node: ast.expr, name: str, region: Region) -> Application | None:
        last = name.rpartition(".")[2]
        target = self.resolver.qualname(node, region)
        if target is not None:
            root = target.lstrip(".").partition(".")[0]
            if root in FOREIGN:
                return None
            if target in _CURRENT_APPS:
                return Application(True, self.default_task_class())
            if root == "celery" and not target.startswith("."):
                return None
            if root != "celery" and not is_app_like(last) and "celery" not in target.lower():
                return None
            likely = Application(False, UNREADABLE, target)
            if "celery" in target.rpartition(".")[0].lower():
                return likely
            found = self.application_at(target)
            if found is not None:
                return found if found.target is None else likely
            if not is_app_like(last) or not self.imports_celery:
                return None
            return None if self.project_is_foreign(target) else likely
        if isinstance(node, ast.Name):
            return self._local_application(node, region)
        if isinstance(node, ast.Attribute):
            held = self.of_extension(node, region)
            if held is not None:
                return held
        if is_app_like(last) and self.imports_celery:
            return Application(False, UNREADABLE)
        return None

    def of_extension(self, node: ast.Attribute, region: Region) -> Application | None:
        """The application that an extension holds: `ext.celery` of `ext = FlaskCeleryExt(app)`."""
        bindings = region.lookup(node.value.id) if isinstance(node.value, ast.Name) else None
        value = bindings[0].value if bindings and len(bindings) == 1 else None
        if not isinstance(value, ast.Call) or not bindings:
            return None
        library = app_class(self.resolver.qualname(value.func, bindings[0].scope))
        if library is None or library.attribute != node.attr:
            return None
        task_class = known_task_class(library.base) or PLAIN
        return Application(False, task_class, None, value, bindings[0].scope, home=self.module)

    def _local_application(self, node: ast.Name, region: Region) -> Application | None:
        bindings = region.lookup(node.id)
        if not bindings:
            return None
        likely = False
        for binding in bindings:
            value = binding.value
            if binding.how == "assign" and isinstance(value, ast.Call):
                built = self.made(value, binding.scope, node.id)
                if built is not None:
                    return built
                root = (self.resolver.qualname(value.func, binding.scope) or "").lstrip(".")
                if root.partition(".")[0] in FOREIGN:
                    return None
                likely = True
            elif binding.how == "assign" and isinstance(value, ast.Attribute):
                held = self.of_extension(value, binding.scope)
                if held is not None:
                    return held
                likely = True
            elif binding.how in ("parameter", "unpack", "with", "loop", "assign"):
                likely = True
        if likely and is_app_like(node.id) and self.imports_celery:
            return Application(False, UNREADABLE)
        return None

    def made(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call builds, or a function of this module that it calls."""
        built = self.built(call, region, name)
        if built is not None:
            return built
        found = self.resolver.definition(call.func, region)
        if found is None or not isinstance(found[0], FunctionNode) or found[0].decorator_list:
            return None
        inner = self.candidates.scopes[found[0]]
        for statement in flow.walk(found[0].body):
            value = statement.value if isinstance(statement, ast.Return) else None
            if isinstance(value, ast.Call):
                return self.built(value, inner)
            if isinstance(value, ast.Name):
                for binding in inner.bindings.get(value.id, ()):
                    if binding.how == "assign" and isinstance(binding.value, ast.Call):
                        return self.built(binding.value, inner, value.id)
        return None

    def built(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call of `Celery` (or a subclass of this module) builds."""
        # typed code writes Celery[Task]("shop")
        func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        target = self.resolver.qualname(func, region)
        attributes: Mapping[str, Place] = {}
        task_class = PLAIN
        if target not in _CELERY_CLASSES:
            library = app_class(target)
            if library is not None and library.attribute:
                return None  # an extension, which has an application
            found = self.resolver.definition(func, region) if library is None else None
            if found is not None and isinstance(found[0], ast.ClassDef):
                above = self.resolver.bases(found[0], found[1])
                bases = [self.resolver.qualname(base, scope) for base, scope in above]
                library = next((one for one in map(app_class, bases) if one is not None), None)
                if library is None and _CELERY_CLASSES.isdisjoint(bases):
                    return None
                attributes = self.task_class(found[0], found[1]).attributes
            elif library is None:
                return self._from_factory(call, region, name)
            if library is not None:
                task_class = known_task_class(library.base) or PLAIN
                if library.factory:
                    task_class = self._assigned_task_class(name) or task_class
                    return Application(False, task_class, None, call, region, home=self.module)
        arguments = Arguments(call)
        given = arguments.get("task_cls", 14)
        if given is not None:
            task_class = self.task_class_named(given, region)
        elif "task_cls" in attributes:
            task_class = self.task_class_named(*attributes["task_cls"])
        elif arguments.splat or arguments.splat_keywords:
            task_class = UNREADABLE
        task_class = self._assigned_task_class(name) or task_class
        lax = not arguments.lacks("strict_typing") or "strict_typing" in attributes
        return Application(True, task_class, None, call, region, lax, self.module)

    def _from_factory(self, call: ast.Call, region: Region, name: str) -> Application | None:
        """The application that a function makes and returns: `app = make_celery()`."""
        if not is_app_like(name):
            return None
        found = self.function_at(call.func, region)
        if found is None or found[0] in _reading or len(_reading) > MAX_HOPS:
            return None
        function, _, home = found
        inner = home.candidates.scopes.get(function)
        returned = flow.returned(function)
        if inner is None or len(returned) != 1 or function.decorator_list:
            return None
        value: ast.expr | None = returned[0]
        local = ""
        if isinstance(value, ast.Name):
            local = value.id
            bindings = inner.bindings.get(local)
            value = bindings[0].value if bindings and len(bindings) == 1 else None
        if not isinstance(value, ast.Call):
            return None
        _reading.add(function)
        try:
            built = home.built(value, inner, local)
        finally:
            _reading.discard(function)
        if built is None or not built.known:
            return None
        task_class = self._assigned_task_class(name) or built.task_class
        return Application(True, task_class, None, built.node, built.region, built.lax, built.home)

    def full_application(self, application: Application | None) -> Application | None:
        """An application with what its own file says of it; for None the project's."""
        if application is None:
            return self.default_application()
        if application.target is None:
            return application
        return self.application_at(application.target)

    def default_application(self) -> Application | None:
        """The project's app, for tasks that name none: this module's, else by the usual places."""
        for application in self.applications.values():
            return application
        if isinstance(self._default, Unknown):
            self._default = self._project_application()
        return self._default

    def project_is_foreign(self, target: str) -> bool:
        """Tell whether the module that `target` comes from builds another library's app."""
        found = self.find(target)
        return found is not None and self.neighbours(found[0]).foreign

    def application_at(self, target: str) -> Application | None:
        """The application that the dotted `target` (module path and name) leads to, or None."""
        found = self.find(target)
        return self.neighbours(found[0]).applications.get(found[1]) if found is not None else None

    def _project_application(self) -> Application | None:
        """The project's app, for `@shared_task`: named by option, or in the usual places."""
        if self.options.celery_app:
            module, _, name = self.options.celery_app.partition(":")
            for candidate in (name or "app", "celery"):
                found = self.application_at(f"{module}.{candidate}")
                if found is not None:
                    return found
            return None
        found_apps: list[Application] = []
        for path in self.usual_places():
            there = read(self.project, path)
            failures = current_files().failures
            if there is None and path in failures and "celery" in os.path.basename(path):
                self.project.unread[""] = path
                return Application(True, UNREADABLE)
            if there is not None:
                apps = self.neighbours(there).applications.values()
                found_apps += [app for app in apps if app.known]
        if not found_apps:
            return None
        first = found_apps[0]
        if all(app.task_class is first.task_class for app in found_apps):
            return first
        # several apps with Task classes of their own: whose task it is can't be told
        return Application(True, UNREADABLE)

    def app_modules(self) -> list[Neighbour]:
        """The modules in the usual places that build an application."""
        if self._app_modules is None:
            if self.options.celery_app:
                found = self.find(self.options.celery_app.replace(":", "."))
                self._app_modules = [self.neighbours(found[0])] if found is not None else []
            else:
                read_ = (read(self.project, path) for path in self.usual_places())
                near = (self.neighbours(outline) for outline in read_ if outline is not None)
                self._app_modules = [found for found in near if found.applications]
        return self._app_modules

    def usual_places(self) -> list[str]:
        """The files that exist where an application is usually built, the nearest first."""
        if self._usual_places is None:
            self._usual_places = _find_usual_places(self.project)
        return self._usual_places


class ModuleModel(Applications):
    """All facts of one module, by class; the vocabulary that its resolver speaks."""

    def named_task(self, node: ast.expr | None, region: Region) -> Task | None:
        """See `View.named_task`."""
        from flake8_celery.core.known import task_named, text_of

        name = text_of(node, region, self)
        return task_named(name, self) if name is not None else None


def model_of(task: Task) -> Model:
    """All facts of the module that a task stands in."""
    assert isinstance(task.view, Model)
    return task.view


def _find_usual_places(project: Project) -> list[str]:
    root = root_of(project.folder)
    top = package_of(project.folder)[0]
    found: list[str] = []
    here = project.folder
    for _ in range(12):
        found += _app_files_in(here)
        if here in (top, root):
            break
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    for base in dict.fromkeys((top, root)):
        if base is not None:
            found += filter(current_files().is_file, _app_files_below(base))
    return [path for path in dict.fromkeys(found) if path != project.path]


def _app_files_in(folder: str) -> tuple[str, ...]:
    """Asked of the disk again where the folder has changed."""
    files = current_files()
    stamp = files.stamp(folder)
    known = files.app_files.get(folder)
    if known is not None and known[0] == stamp:
        return known[1]
    paths = (os.path.join(folder, name) for name in APP_FILES)
    found = tuple(path for path in paths if files.is_file(path))
    if stamp is not None:
        files.app_files[folder] = stamp, found
    return found


def _app_files_below(base: str) -> tuple[str, ...]:
    files = current_files()
    known = files.siblings.get(base)
    if known is None:
        found: list[str] = []
        for folder in files.subfolders(base)[:MAX_SIBLINGS]:
            found += _app_files_in(folder)
        known = files.siblings[base] = tuple(found)
    return known


def _app_task(node: ast.expr, region: Region) -> Place:
    """`app.Task` behind a name that it was given: `TaskBase = app.Task`; else the same."""
    bindings = region.lookup(node.id) if isinstance(node, ast.Name) else None
    if bindings and len(bindings) == 1 and bindings[0].how == "assign":
        value = bindings[0].value
        if isinstance(value, ast.Attribute) and value.attr == "Task":
            return value, bindings[0].scope
    return node, region


def is_app_like(name: str) -> bool:
    """Tell whether an application is usually called so."""
    bare = name.strip("_").lower()
    return bare in _APP_NAMES or bare.endswith(("_app", "celery", "capp"))


def expects_error(fact: Fact, names: frozenset[str], resolver: Resolver) -> bool:
    """Tell whether the code around a fact means the error to happen.

    Under `pytest.raises`, `assertRaises`, `suppress`, or a handler that names one of `names`.
    """
    for region in fact.region:
        if region.kind is WITH and isinstance(region.node, (ast.With, ast.AsyncWith)):
            for item in region.node.items:
                call = item.context_expr
                if isinstance(call, ast.Call):
                    name = (dotted(call.func) or "").rpartition(".")[2]
                    if name.startswith("assertRaises") or name in ("raises", "suppress", "warns"):
                        return True
        elif region.kind is TRY and names:
            for handler in getattr(region.node, "handlers", ()):
                if handler.type is None:
                    continue
                types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                for kind in types:
                    if (dotted(kind) or "").rpartition(".")[2] in names:
                        return True
        elif region.kind is FUNCTION:
            return False
    return False
