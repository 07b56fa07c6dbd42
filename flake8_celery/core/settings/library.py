"""Facts about libraries beside Celery: objects of a scheduler's store, tasks of other queues.

Found by what the source imports, as `facts.libraries` knows it; nothing here is read from the
libraries themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import LooseSetting, Setting
from flake8_celery.core.project.lockpath import may_be_deployed
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import FunctionNode, Region, dotted
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.record import NamedTuple
from flake8_celery.tables.libraries import database, foreign, scheduler
from flake8_celery.tables.libraries.shapes import Database, Foreign, Scheduler

MANAGERS: Final = frozenset({"objects", "_default_manager", "_base_manager"})
#: Methods of a manager or queryset that write, with the place of `defaults` among the arguments.
CREATING: Final = frozenset({"create", "get_or_create", "update_or_create"})
UNNOTICED: Final = frozenset({"update", "bulk_update", "bulk_create"})
_MAX_LINKS: Final = 30


class Stored(Fact):
    """What gives fields of an object that beat reads from a store."""

    __slots__ = ("method", "model", "store")

    def __init__(
        self,
        node: ast.AST,
        statement: ast.stmt,
        region: Region,
        store: Database,
        method: str,
        model: Model,
    ) -> None:
        super().__init__(node, statement, region)
        self.store = store
        self.method = method
        self.model = model

    @property
    def name(self) -> str:
        """The class's name, for messages."""
        return self.store.paths[0].rpartition(".")[2]

    def fields(self) -> tuple[dict[str, Field], bool]:
        """What is given to each field, and whether that is all that the object gets."""
        raise NotImplementedError


class StoreAssign(Stored):
    """One field set on an object: `entry.kwargs = "{}"`; `method` is `=`."""

    __slots__ = ("field", "value")

    def __init__(
        self,
        node: ast.Attribute,
        statement: ast.stmt,
        region: Region,
        store: Database,
        value: ast.expr,
        model: Model,
    ) -> None:
        super().__init__(node, statement, region, store, "=", model)
        self.field = node.attr
        self.value = value

    def fields(self) -> tuple[dict[str, Field], bool]:
        """See `Stored`."""
        return {self.field: Field(self.node, self.value, self.region)}, False


class StoreCall(Stored):
    """A call on such a class: `PeriodicTask.objects.create(...)`.

    `method` is empty for the constructor; Django's asynchronous methods go by the plain name.
    """

    __slots__ = ("arguments", "call")

    def __init__(
        self,
        node: ast.Call,
        statement: ast.stmt,
        region: Region,
        store: Database,
        method: str,
        model: Model,
    ) -> None:
        super().__init__(node, statement, region, store, method, model)
        self.call = node
        self.arguments = Arguments(node)

    def fields(self) -> tuple[dict[str, Field], bool]:
        """See `Stored`; of `get_or_create`, `update_or_create` what is looked up and defaults."""
        arguments = self.arguments
        complete = not arguments.splat and not arguments.splat_keywords
        found: dict[str, Field] = {}
        if self.store.is_model:
            complete = complete and not arguments.positional
        for name, value in zip(self.store.parameters, arguments.positional, strict=False):
            found[name] = Field(value, value, self.region)
        looks_up = self.method in ("get_or_create", "update_or_create")
        for name, keyword in arguments.keywords.items():
            if looks_up and name in ("defaults", "create_defaults"):
                complete = self._defaults(keyword.value, found) and complete
            elif looks_up and "__" in name:
                complete = False
            else:
                found[name] = Field(keyword, keyword.value, self.region)
        return found, complete

    def _defaults(self, node: ast.expr, found: dict[str, Field]) -> bool:
        """Add what a dict of defaults gives; whether all of it is in sight."""
        only = self.model.resolver.expression(node, self.region)
        if only is None:
            return False
        table, region = only
        complete = True
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found[key.value] = Field(key, value, region)
                else:
                    complete = False
        elif isinstance(table, ast.Call) and not table.args:
            if not isinstance(table.func, ast.Name) or table.func.id != "dict":
                return False
            for keyword in table.keywords:
                if keyword.arg is not None:
                    found[keyword.arg] = Field(keyword, keyword.value, region)
                else:
                    complete = False
        else:
            return False
        return complete


class Field(NamedTuple):
    """One field of a stored object: the node that names it, its value, where to read that."""

    place: ast.AST
    value: ast.expr
    region: Region


OWN_SCHEDULER: Final = "celery.beat"


def scheduler_of(model: Model) -> Scheduler | str | None:
    """The scheduler that the settings name, where it is known: Celery's own as `celery.beat`.

    None where none is named, for `-S` may name one, and where it can't be told.
    """
    values = configuration_of(model).values("beat_scheduler")
    if isinstance(values, Unknown):
        # whatever loads it, the text names it for the schedule that stands there too
        given = (*model.of(Setting), *model.of(LooseSetting))
        named = [one for one in given if one.key == "beat_scheduler"]
        if len(named) != 1:
            return None
        values = model.resolver.values(named[0].value, named[0].region)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
        return None
    if values[0].replace(":", ".").startswith("celery.beat."):
        return OWN_SCHEDULER
    return scheduler(values[0])


class ForeignCall(Fact):
    """A method of Celery's tasks on what another library's decorator made: `send_mail.delay()`."""

    __slots__ = ("made", "method", "receiver")
    node: ast.Attribute

    def __init__(
        self, node: ast.Attribute, statement: ast.stmt, region: Region, made: Foreign
    ) -> None:
        super().__init__(node, statement, region)
        self.made = made
        self.method = node.attr
        self.receiver = dotted(node.value) or "it"


_CALLS: Final = frozenset(
    {
        *("delay", "apply_async", "s", "si", "signature", "subtask", "apply", "retry"),
        *("delay_on_commit", "apply_async_on_commit", "chunks", "starmap"),
    }
)


def find(model: Model) -> None:
    """Add the facts of one module to its model."""
    module = model.module
    stores = module.says("django_celery_beat") or module.says("RedBeatSchedulerEntry")
    if stores and may_be_deployed(model.project.shown()):  # no beat reads what tests store
        for call in _store_calls(model):
            model.add(call)
        for assign in _store_assigns(model):
            model.add(assign)
    if not model.candidates.imports:
        return
    for attribute, statement, region in _sent(model):
        made = made_by(attribute.value, region, model)
        if made is not None and attribute.attr not in made.has:
            model.add(ForeignCall(attribute, statement, region, made))


def _store_calls(model: Model) -> Iterator[StoreCall]:
    for calls in model.candidates.name_calls.values():
        for call, statement, region in calls:
            store = _class(call.func, region, model)
            if store is not None:
                yield StoreCall(call, statement, region, store, "", model)
    methods = CREATING | UNNOTICED | {"changed"}
    for name, calls in model.candidates.attribute_calls.items():
        plain = name[1:] if name[:1] == "a" and name[1:] in methods else name
        for call, statement, region in calls:
            assert isinstance(call.func, ast.Attribute)
            if plain in methods:
                store = store_of(call.func.value, region, model)
                if store is not None:
                    yield StoreCall(call, statement, region, store, plain, model)
            elif name[:1].isupper():
                # models.PeriodicTask(...)
                store = _class(call.func, region, model)
                if store is not None:
                    yield StoreCall(call, statement, region, store, "", model)


def _store_assigns(model: Model) -> Iterator[StoreAssign]:
    for statement, region in model.candidates.assigns:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            store = store_of(target.value, region, model, instances=True)
            if store is not None and target.attr in store.keywords:
                yield StoreAssign(target, statement, region, store, statement.value, model)


def _class(node: ast.expr, region: Region, model: Model) -> Database | None:
    """The class that an expression names: imported, or by `apps.get_model`."""
    store = database(model.resolver.qualname(node, region))
    if store is not None or not isinstance(node, ast.Name):
        return store
    bindings = region.lookup(node.id)
    value = bindings[0].value if bindings and len(bindings) == 1 else None
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    if value.func.attr != "get_model":
        return None
    given = [argument.value for argument in value.args if isinstance(argument, ast.Constant)]
    given += [k.value.value for k in value.keywords if isinstance(k.value, ast.Constant)]
    label, _, last = ".".join(map(str, given)).rpartition(".")
    return database(f"{label}.models.{last}")


def store_of(
    node: ast.expr, region: Region, model: Model, instances: bool = False
) -> Database | None:
    """The class behind a manager or queryset, or itself; with `instances` an object's too."""
    for _ in range(_MAX_LINKS):
        store = _class(node, region, model)
        if store is not None:
            return store
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Await)):
            node = node.value
        elif isinstance(node, ast.Name):
            bindings = region.lookup(node.id)
            if not bindings:
                return None
            binding = bindings[-1]
            value = binding.value
            if binding.how == "loop" and instances and isinstance(binding.node, ast.For):
                value = binding.node.iter
            elif binding.how == "unpack" and instances and isinstance(binding.node, ast.Assign):
                value = binding.node.value
            if value is None or value is node:
                return None
            node, region = value, binding.scope
        else:
            return None
    return None


def _sent(model: Model) -> Iterator[tuple[ast.Attribute, ast.stmt, Region]]:
    """Each method of Celery's tasks that the module names on a plain name, called or not."""
    for name in _CALLS:
        for call, statement, region in model.candidates.attribute_calls.get(name, ()):
            assert isinstance(call.func, ast.Attribute)
            yield call.func, statement, region
    for attribute, statement, region in model.candidates.references:
        yield attribute, statement, region


def made_by(node: ast.expr, region: Region, model: Model) -> Foreign | None:
    """What another library's decorator made of the function that an expression names."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    found = model.resolver.definition(node, region)
    home = model
    if found is None:
        target = model.resolver.qualname(node, region)
        there = model.find(target) if target is not None else None
        if there is None:
            return None
        bindings = there[0].module.region.bindings.get(there[1])
        if not bindings or len(bindings) != 1:
            return None
        home, found = model.neighbours(there[0]).outlined, (bindings[0].node, bindings[0].scope)
    if not isinstance(found[0], FunctionNode) or not found[0].decorator_list:
        return None
    outermost = found[0].decorator_list[0]
    func = outermost.func if isinstance(outermost, ast.Call) else outermost
    return foreign(_decorator(func, found[1], home))


def _decorator(func: ast.expr, region: Region, home: Model) -> str | None:
    """The dotted name of a decorator; `broker.task` by what built the broker: `taskiq.*.task`."""
    name = home.resolver.qualname(func, region)
    if foreign(name) is not None or not isinstance(func, ast.Attribute):
        return name
    holder: ast.expr = func.value
    if name is not None:
        there = home.find(name.rpartition(".")[0])
        if there is None:
            return name
        home = home.neighbours(there[0]).outlined
        region = home.module.region
        holder = ast.Name(there[1], ast.Load())
    bindings = region.lookup(holder.id) if isinstance(holder, ast.Name) else None
    value = bindings[0].value if bindings and len(bindings) == 1 else None
    while isinstance(value, ast.Call) and bindings:
        built = home.resolver.qualname(value.func, bindings[0].scope)
        if built is not None:
            return f"{built.partition('.')[0]}.*.{func.attr}"
        value = value.func.value if isinstance(value.func, ast.Attribute) else None
    return name
