"""What is stated: settings, schedules, queues, handlers, names."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal

from flake8_celery.core.model.fact import Application, CallFact, Fact
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.places import Span, called_name, keyword_name
from flake8_celery.core.syntax.regions import Region

Given = Literal["=", "[]", "update"]
"""How a setting is given a value: see `Setting`."""
Form = Literal["conf", "module", "class", "dict"]
"""Where a setting stands: see `Setting`."""


def setting_name(fact: Setting | UnknownSetting) -> Span | ast.AST:
    """The name of a setting where it is given a value."""
    node = fact.node
    if isinstance(node, ast.keyword):
        return keyword_name(node)
    if isinstance(node, ast.Subscript):
        named = isinstance(node.slice, ast.Constant) and node.slice.value == fact.written
        return node.slice if named else called_name(node.value)
    if isinstance(node, ast.Attribute):
        return called_name(node)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for inner in ast.walk(target):
                if isinstance(inner, ast.Name) and inner.id == fact.written:
                    return inner
    return node


class NotAFunction(Fact):
    """Something given to a task decorator that Celery can't make a task of.

    `node` is the place to report, `what` says what it is.
    """

    __slots__ = ("what",)

    def __init__(self, node: ast.AST, statement: ast.stmt, region: Region, what: str) -> None:
        super().__init__(node, statement, region)
        self.what = what


class Crontab(CallFact):
    """A call of `crontab` or `crontab.from_string`."""

    __slots__ = ("from_string",)

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, from_string: bool
    ) -> None:
        super().__init__(node, statement, region)
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
        how: Given = "=",
        item: ast.expr | None = None,
        form: Form = "module",
    ) -> None:
        super().__init__(node, statement, region)
        self.key = key
        self.written = written
        self.value = value
        self.how = how
        self.item = item
        self.form = form


class LooseSetting(Setting):
    """A setting in a class body or table of which nothing tells who loads it.

    For rules that judge one setting by itself: which others hold beside it is not known.
    """

    __slots__ = ()


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
        form: Form,
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


class AppCall(CallFact):
    """A call of an application's `config_from_object` or `autodiscover_tasks`."""

    __slots__ = ("method", "receiver")

    def __init__(
        self, node: ast.Call, statement: ast.stmt, region: Region, receiver: ast.expr, method: str
    ) -> None:
        super().__init__(node, statement, region)
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


class Periodic(CallFact):
    """A call of `add_periodic_task(schedule, sig, args, kwargs, name, **options)`."""

    __slots__ = ()


class QueueCall(CallFact):
    """A call of kombu's `Queue` or `Exchange` (`kind`)."""

    __slots__ = ("kind",)

    def __init__(self, node: ast.Call, statement: ast.stmt, region: Region, kind: str) -> None:
        super().__init__(node, statement, region)
        self.kind = kind


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


class StateUpdate(CallFact):
    """A call of a task's `update_state`."""

    __slots__ = ()


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
