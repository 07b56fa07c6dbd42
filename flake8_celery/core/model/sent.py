"""What sends, signs, retries and waits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Literal

from flake8_celery.core.model.fact import CallFact, Fact, Place, TaskClass
from flake8_celery.core.model.task import Task, View
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region, dotted
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.spread import spread
from flake8_celery.tables.methods import OPTION_METHODS

On = Literal["task", "imported", "signature", "app"]
"""What is sent on: see `Dispatch`."""


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
        on: On,
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
        self.arguments = spread(view.resolver, call, region)
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


class Retry(CallFact):
    """A call of a task's `retry`, with the task where it is known."""

    __slots__ = ("task",)

    def __init__(
        self,
        node: ast.Call,
        statement: ast.stmt,
        region: Region,
        task: Task | None,
        resolver: Resolver,
    ) -> None:
        super().__init__(node, statement, region)
        self.arguments = spread(resolver, node, region)
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
    """A call of `revoke` or `terminate`, whatever it is called on."""

    __slots__ = ("arguments",)
    node: ast.Call

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.arguments = Arguments(node)


class Inspection(Fact):
    """A question to all workers: `app.control.inspect().active()`, or the like behind a name."""

    __slots__ = ()
    node: ast.Call


class Replace(Fact):
    """A call of a bound task's `self.replace`, which raises `Ignore`."""

    __slots__ = ("call", "task")

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region, task: Task) -> None:
        super().__init__(node, statement, region)
        self.call = node
        self.task = task


def members(resolver: Resolver, node: ast.expr, region: Region) -> Iterator[Place]:
    """The members of a list, tuple or comprehension, else the argument itself."""
    found = resolver.expression(node, region)
    if found is None:
        yield node, region
        return
    expression, scope = found
    if isinstance(expression, (ast.List, ast.Tuple)):
        for element in expression.elts:
            if not isinstance(element, ast.Starred):
                yield element, scope
    elif isinstance(expression, (ast.GeneratorExp, ast.ListComp)):
        yield expression.elt, resolver.class_regions.get(expression, scope)
    else:
        yield node, region


class Canvas(CallFact):
    """A call of `chain`, `group` or `chord`."""

    __slots__ = ("kind", "view")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, view: View, kind: str
    ) -> None:
        super().__init__(node, statement, region)
        self.view = view
        self.kind = kind

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


class OnCommit(CallFact):
    """A call of Django's `transaction.on_commit`."""

    __slots__ = ("dispatch",)

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region) -> None:
        super().__init__(node, statement, region)
        self.dispatch: Dispatch | None = None
        """The dispatch that stands directly in the callback's place, if any."""

    @property
    def certain(self) -> bool:
        """See `Fact.certain`."""
        return self.dispatch is None or self.dispatch.certain
