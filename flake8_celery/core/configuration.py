"""The configuration of a Celery application as Celery would see it, read from source.

Celery looks a setting up in layers: what was set on the application (`Celery(...)`, `app.conf`),
its added defaults, the module or class that it loads. The same layers are built here from what
`flake8_celery.core.assigned` says of each name, without importing anything. A setting is then
known (every expression it may be), ABSENT (only where every source was readable) or UNREADABLE.

What the environment says beats it all (`CELERY_BROKER_URL`, `CELERY_RESULT_BACKEND`, `-b`), so a
broker or backend is certain only where an option of ours names it.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from flake8_celery.core.assigned import (
    ABSENT_VALUE,
    UNREADABLE_VALUE,
    Change,
    Flow,
    Given,
    Link,
    Names,
    ScopeFlow,
    Value,
    class_names,
    expression_names,
    merged,
)
from flake8_celery.core.model import (
    Absent,
    Application,
    Arguments,
    BeatEntry,
    Model,
    Task,
    module_facts,
)
from flake8_celery.core.model import ABSENT as ABSENT
from flake8_celery.core.project import MAX_FILE, Project, current_files, package_of, root_of
from flake8_celery.core.resolve import MAX_VALUES, UNKNOWN, Unknown, Values, distinct, dotted
from flake8_celery.core.source import MODULE, FunctionNode, Module, Region
from flake8_celery.facts.settings import OLD_NAMES
from flake8_celery.options import Options

MAX_LINKS: Final = 8
MAX_SIBLINGS: Final = 20
NEW_TO_OLD: Final = {new: old for old, new in OLD_NAMES.items()}
#: Methods of `app.conf` that change nothing.
_READING: Final = frozenset(
    [
        *("get", "keys", "values", "items", "copy", "table", "humanize", "first", "finalize"),
        *("find_option", "find_value_for_key", "get_by_parts", "value_set_for"),
        *("without_defaults", "maybe_warn_deprecated_settings"),
    ]
)
#: Overriding these in a subclass of `Celery` may change where the configuration comes from.
_LOADING: Final = frozenset(
    {"__init__", "on_init", "on_configure", "prepare_config", "_load_config", "conf", "loader_cls"}
)
_DJANGO: Final = frozenset({"django.conf:settings", "django.conf.settings"})
_DJANGO_MODULE = re.compile(r"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")
_TRANSPORTS: Final = {
    **dict.fromkeys(("amqp", "amqps", "pyamqp", "librabbitmq"), "amqp"),
    **dict.fromkeys(("redis", "rediss", "sentinel"), "redis"),
    **dict.fromkeys(("sqs", "SQS"), "sqs"),
    **dict.fromkeys(("kafka", "confluentkafka"), "kafka"),
    **dict.fromkeys(("sqla", "sqlalchemy"), "sqlalchemy"),
    **dict.fromkeys(("azurestoragequeues", "azureservicebus"), "azure"),
    **{
        name: name
        for name in ("memory", "filesystem", "mongodb", "gcpubsub", "pgmq", "zookeeper", "etcd")
    },
}
_BACKENDS: Final = {
    **dict.fromkeys(("redis", "rediss", "sentinel"), "redis"),
    **dict.fromkeys(("db", "database"), "database"),
    **dict.fromkeys(("file", "filesystem"), "filesystem"),
    **dict.fromkeys(("django-db", "django-cache", "django_celery_results"), "django"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("cosmosdbsql", "cosmosdb"), "cosmosdb"),
    **{
        name: name
        for name in (
            *("rpc", "cache", "mongodb", "elasticsearch", "cassandra", "couchbase", "couchdb"),
            *("disabled", "consul", "dynamodb", "azureblockblob", "arangodb", "s3", "etcd"),
        )
    },
}


class Unreadable(Unknown):
    """The setting may be given, by something that can't be read. False in a condition."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = Unreadable()


class Known(NamedTuple):
    """A setting that is given: every expression it may be, in `places`."""

    places: tuple[Given, ...]
    sure: bool
    """It is given on every way; else Celery's default may hold instead."""
    changes: tuple[Change, ...]
    """What is added in place to any of them, or to the default: `beat_schedule["x"] = ...`."""


class Kind(NamedTuple):
    """The kind of broker or backend, in the words of our options."""

    name: str
    known: bool
    """Said by an option; else only the URL in source says it, and the environment may differ."""


class Queues(NamedTuple):
    """The queues that workers consume."""

    names: frozenset[str]
    complete: bool
    """No other queue is declared anywhere."""
    create_missing: bool | None
    """`task_create_missing_queues`; None where it can't be told."""
    default: str | None
    """`task_default_queue`; None where it can't be told."""
    where: str
    """What declares them, for messages."""


class Trouble(NamedTuple):
    """A file that should be read and can't be."""

    path: str
    why: str


class _Layer(NamedTuple):
    """One mapping that Celery looks a setting up in."""

    names: Names
    upper_only: bool = False


class Configuration:
    """The settings of one application. `found` is false where there is no application to see."""

    def __init__(
        self,
        layers: Sequence[Sequence[_Layer]],
        namespace: str | None | Unknown,
        options: Options,
        *,
        found: bool = True,
        reader: _Reader | None = None,
        declared: tuple[frozenset[str], bool] = (frozenset(), False),
    ) -> None:
        self._layers = layers
        self.namespace = namespace
        """The prefix of its names (`CELERY`), None without one, UNKNOWN."""
        self._options = options
        self.found = found
        self._reader = reader
        self.troubles: list[Trouble] = reader.troubles if reader is not None else []
        self.paths: tuple[str, ...] = tuple(reader.stamps) if reader is not None else ()
        """Every file that it was read from."""
        self.stamps: dict[str, object] = dict(reader.stamps) if reader is not None else {}
        self._declared = declared
        self._settings: dict[str, Known | Absent | Unreadable] = {}
        self._queues: Queues | None = None
        self._entries: tuple[tuple[BeatEntry, Model], ...] | None = None

    # -- settings

    def setting(self, key: str) -> Known | Absent | Unreadable:
        """A setting by its current lower-case name.

        `Known`; ABSENT where nothing gives it and every source was readable; else UNREADABLE.
        """
        if key not in self._settings:
            self._settings[key] = self._look_up(key)
        return self._settings[key]

    def values(self, key: str) -> Values:
        """Every value that a setting may have; UNKNOWN where one can't be told.

        The default is not among them: ask `absent` too where it matters.
        """
        known = self.setting(key)
        if not isinstance(known, Known) or not known.sure or known.changes:
            return UNKNOWN
        found: list[object] = []
        for place in known.places:
            values = place.model.resolver.values(place.value, place.region)
            if isinstance(values, Unknown):
                return values if len(known.places) == 1 else UNKNOWN
            found += values
        values = distinct(found)
        return values if 0 < len(values) <= MAX_VALUES else UNKNOWN

    def absent(self, key: str) -> bool:
        """Tell whether a setting is certainly not given."""
        return isinstance(self.setting(key), Absent)

    def is_off(self, key: str) -> bool:
        """Tell whether a setting whose default is off certainly is: absent, or every value false."""
        if self.absent(key):
            return True
        values = self.values(key)
        return not isinstance(values, Unknown) and not any(values)

    def is_on(self, key: str) -> bool:
        """Tell whether every value of a setting is true."""
        values = self.values(key)
        return not isinstance(values, Unknown) and all(values)

    def _look_up(self, key: str) -> Known | Absent | Unreadable:
        if not self.found:
            return UNREADABLE
        results: list[Value] = []
        for layers in self._layers:
            value = self._in_layers(key, layers)
            if value.unreadable:
                return UNREADABLE
            results.append(value)
        value = merged(results)
        if value.unreadable:
            return UNREADABLE
        if not value.places and not value.changes:
            return ABSENT
        places = tuple(place for place in value.places if isinstance(place, Given))
        return Known(places, not value.absent, value.changes)

    def _in_layers(self, key: str, layers: Sequence[_Layer]) -> Value:
        found = ABSENT_VALUE
        for layer in layers:
            for name, certain in self._spellings(key):
                if layer.upper_only and not name.isupper():
                    continue
                value = self._resolved(layer.names.get(name), 0)
                if value.unreadable:
                    return UNREADABLE_VALUE
                if not certain and (value.places or value.changes):
                    return UNREADABLE_VALUE
                found = Value(
                    (*found.places, *value.places),
                    value.absent,
                    False,
                    (*found.changes, *value.changes),
                )
                if not value.absent:
                    return found
        return found

    def _spellings(self, key: str) -> Iterator[tuple[str, bool]]:
        """The names that Celery tries, in order, and whether every version in use does."""
        old = NEW_TO_OLD.get(key)
        if isinstance(self.namespace, Unknown):
            yield f"CELERY_{key.upper()}", old == f"CELERY_{key.upper()}"
            yield key, True
            if old is not None and old != f"CELERY_{key.upper()}":
                yield old, False
            return
        if self.namespace:
            prefix = self.namespace.rstrip("_") + "_"
            upper = prefix == prefix.upper()
            yield f"{prefix}{key}".upper() if upper else f"{prefix}{key}".lower(), True
            yield key, True
            if old is not None and old != f"{prefix}{key}".upper():
                target = self._options.celery_target_version
                if target is None or target >= (5, 7):
                    yield old, target is not None
            return
        yield key, True
        if old is not None:
            yield old, True

    def _resolved(self, value: Value, depth: int) -> Value:
        """The value with imported names followed to the expressions they stand for."""
        if value.unreadable or self._reader is None:
            return value
        if not any(isinstance(place, Link) or _is_name(place) for place in value.places):
            return value
        if depth > MAX_LINKS:
            return UNREADABLE_VALUE
        found: list[Value] = []
        for place in value.places:
            if isinstance(place, Link):
                found.append(self._resolved(self._reader.linked(place), depth + 1))
            else:
                found.append(self._followed(place, depth))
        result = merged(found)
        return result._replace(
            absent=value.absent, changes=(*result.changes, *value.changes)
        )

    def _followed(self, place: Given, depth: int) -> Value:
        """What a bare name stands for at the end of its module, where it is bound once."""
        plain = Value((place,), False)
        assert self._reader is not None
        if not isinstance(place.value, ast.Name):
            return plain
        bindings = place.region.lookup(place.value.id)
        top = place.region.module
        if bindings is not None and (len(bindings) > 1 or bindings[0].scope is not top):
            return plain
        if bindings is None and place.region.is_builtin(place.value.id):
            return plain
        names = self._reader.names(place.model.project.path)
        value = names.get(place.value.id) if names is not None else UNREADABLE_VALUE
        if value.unreadable or value.absent:
            return plain
        # report where the setting is set, judge what it stands for
        return self._resolved(value, depth + 1)

    # -- broker and backend

    @property
    def broker(self) -> Kind | None:
        """The broker's kind, or None where nothing says it."""
        if self._options.celery_broker:
            return Kind(self._options.celery_broker, True)
        for key in ("broker_read_url", "broker_write_url"):
            if not self.absent(key):
                return None
        return self._kind("broker_url", _TRANSPORTS)

    @property
    def backend(self) -> Kind | None:
        """The result backend's kind, or None where nothing says it; silence says nothing."""
        if self._options.celery_backend:
            return Kind(self._options.celery_backend, True)
        return self._kind("result_backend", _BACKENDS)

    def _kind(self, key: str, table: dict[str, str]) -> Kind | None:
        values = self.values(key)
        if isinstance(values, Unknown):
            return None
        kinds = {kind_of_url(value, table) for value in values}
        kind = kinds.pop() if len(kinds) == 1 else None
        return Kind(kind, False) if kind is not None else None

    # -- queues

    @property
    def queues(self) -> Queues:
        """The declared queues: the option's, the workers', and those of `task_queues`."""
        if self._queues is None:
            self._queues = self._declare()
        return self._queues

    def _declare(self) -> Queues:
        default: str | None = None
        if self.absent("task_default_queue"):
            default = "celery"
        else:
            values = self.values("task_default_queue")
            if not isinstance(values, Unknown) and len(values) == 1:
                default = values[0] if isinstance(values[0], str) else None
        create: bool | None = None
        if self.absent("task_create_missing_queues") or self.is_on("task_create_missing_queues"):
            create = True
        elif self.is_off("task_create_missing_queues"):
            create = False
        given, complete = self._declared
        if given or complete:
            where = "celery-queues" if self._options.celery_queues else "celery-worker-commands"
            return Queues(given, complete, create, default, where)
        names, whole = self._task_queues()
        return Queues(names, whole and default is not None, create, default, "task_queues")

    def _task_queues(self) -> tuple[frozenset[str], bool]:
        known = self.setting("task_queues")
        if not isinstance(known, Known):
            return frozenset(), False
        names: set[str] = set()
        whole = known.sure
        everything = [
            *known.places,
            *(change.given for change in known.changes if change.how in ("+=", "update")),
        ]
        for change in known.changes:
            if change.how == "append":
                whole = _queue_name(change.given, change.given.value, names) and whole
            elif change.how == "[]" and change.item is not None:
                whole = _text(change.given, change.item, names) and whole
            elif change.how not in ("+=", "update"):
                whole = False
        for place in everything:
            whole = _queues_in(place, place.value, place.region, names, 0) and whole
        return frozenset(names), whole and bool(names)

    # -- beat

    @property
    def entries(self) -> tuple[tuple[BeatEntry, Model], ...]:
        """The entries of the beat schedule in sight, each with the module that it stands in."""
        if self._entries is None:
            self._entries = tuple(self._read_entries())
        return self._entries

    def _read_entries(self) -> Iterator[tuple[BeatEntry, Model]]:
        from flake8_celery.core.classify import beat_entries

        known = self.setting("beat_schedule")
        if not isinstance(known, Known):
            return
        for place in known.places:
            for entry in beat_entries(place.model, place.value, place.region, _statement(place)):
                yield entry, place.model
        for change in known.changes:
            place = change.given
            statement = _statement(place)
            if change.how == "[]":
                table = ast.Dict([change.item], [place.value])
                found = beat_entries(place.model, table, place.region, statement)
            else:
                found = beat_entries(place.model, place.value, place.region, statement)
            for entry in found:
                yield entry, place.model


def _is_name(place: Given | Link) -> bool:
    return isinstance(place, Given) and isinstance(place.value, ast.Name)


def _statement(place: Given) -> ast.stmt:
    return place.node if isinstance(place.node, ast.stmt) else ast.Expr(place.value)


def kind_of_url(value: object, table: dict[str, str] = _TRANSPORTS) -> str | None:
    """The kind of a broker or backend that a URL (or several, `;` between) names, or None."""
    if not isinstance(value, str):
        return None
    kinds: set[str | None] = set()
    for url in value.split(";"):
        scheme = url.partition("://")[0].strip()
        if scheme.startswith("db+"):
            scheme = "db"
        elif scheme.startswith("cache+"):
            scheme = "cache"
        scheme = scheme.partition("+")[0]
        kinds.add(table.get(scheme))
    return kinds.pop() if len(kinds) == 1 else None


def backend_of_url(value: object) -> str | None:
    """The kind of a result backend that a URL or name says, or None."""
    return kind_of_url(value, _BACKENDS)


def _text(place: Given, node: ast.expr, names: set[str]) -> bool:
    values = place.model.resolver.values(node, place.region)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
        return False
    names.add(values[0])
    return True


def _queue_name(place: Given, node: ast.expr, names: set[str]) -> bool:
    """Take in the name of one `Queue(...)`; whether it could be told."""
    found = place.model.resolver.expressions(node, place.region)
    if not found or len(found) != 1:
        return False
    call, region = found[0]
    if not isinstance(call, ast.Call):
        return False
    qualname = place.model.resolver.qualname(call.func, region) or ""
    if not qualname.startswith("kombu.") or qualname.rpartition(".")[2] not in (
        "Queue",
        "Broadcast",
    ):
        return False
    name = Arguments(call).get("name", 0)
    return name is not None and _text(place._replace(region=region), name, names)


def _queues_in(place: Given, node: ast.expr, region: Region, names: set[str], depth: int) -> bool:
    """Take in the names of a `task_queues` value; whether it was read whole."""
    found = place.model.resolver.expressions(node, region)
    if not found or len(found) != 1 or depth > 20:
        return False
    value, region = found[0]
    here = place._replace(region=region)
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        whole = True
        for element in value.elts:
            if isinstance(element, ast.Starred):
                whole = _queues_in(place, element.value, region, names, depth + 1) and whole
            else:
                whole = _queue_name(here, element, names) and whole
        return whole
    if isinstance(value, ast.Dict):
        whole = True
        for key, inner in zip(value.keys, value.values, strict=True):
            if key is None:
                whole = _queues_in(place, inner, region, names, depth + 1) and whole
            else:
                whole = _text(here, key, names) and whole
        return whole
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left = _queues_in(place, value.left, region, names, depth + 1)
        return _queues_in(place, value.right, region, names, depth + 1) and left
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return _comprehension(here, value, names)
    return False


def _comprehension(
    place: Given, node: ast.ListComp | ast.GeneratorExp, names: set[str]
) -> bool:
    """`[Queue(name) for name in NAMES]` with literal names."""
    call = node.elt
    generator = node.generators[0]
    if len(node.generators) != 1 or generator.ifs or not isinstance(call, ast.Call):
        return False
    name = Arguments(call).get("name", 0)
    if not isinstance(name, ast.Name) or dotted(generator.target) != name.id:
        return False
    qualname = place.model.resolver.qualname(call.func, place.region) or ""
    if not qualname.startswith("kombu.") or not qualname.endswith(".Queue"):
        return False
    values = place.model.resolver.values(generator.iter, place.region)
    if isinstance(values, Unknown) or len(values) != 1:
        return False
    items = values[0]
    if not isinstance(items, (list, tuple, set)) or not all(isinstance(i, str) for i in items):
        return False
    names.update(str(item) for item in items)
    return True


# -- reading modules


class _Reader:
    """Reads the modules that a configuration comes from, each once; remembers what it read.

    `model` is the linted module's own: its buffer counts, not what is on the disk.
    """

    def __init__(self, project: Project, model: Model | None) -> None:
        self.project = project
        self.model = model
        self.troubles: list[Trouble] = []
        self.stamps: dict[str, object] = {}
        self._names: dict[str, Names | None] = {}
        self._classes: dict[ast.ClassDef, Names] = {}

    def module(self, path: str) -> Model | None:
        """The facts of a module; None, with a trouble noted, where it can't be read."""
        files = current_files()
        stamp = files.stamp(path)
        self.stamps[path] = stamp
        if self.model is not None and path == self.model.project.path:
            return self.model
        if stamp is None:
            return None
        facts = self.project.read(path)
        if facts is not None:
            return facts.model
        known = files.modules.get(path)
        why = ""
        if stamp.size > MAX_FILE:
            why = f"it is larger than {MAX_FILE // 1_000_000} MB"
        else:
            try:
                source = files.read(path)
                tree = ast.parse(source)
                text = source.decode("utf-8-sig", "replace")
                facts = module_facts(Module(text, path, tree), self.project.options)
                if known is not None:
                    files.modules[path] = (stamp, facts)
                return facts.model
            except SyntaxError as error:
                why = f"line {error.lineno}: {error.msg}"
            except (OSError, ValueError, RecursionError, MemoryError) as error:
                why = f"{type(error).__name__}: {error}"
        self.trouble(path, why)
        return None

    def trouble(self, path: str, why: str) -> None:
        """Note that a file can't be read."""
        text = " ".join(why.split())
        if not any(known.path == path for known in self.troubles):
            self.troubles.append(Trouble(path, text))

    def names(self, path: str) -> Names | None:
        """What the names of a module hold at its end."""
        if path in self._names:
            return self._names[path]
        self._names[path] = None  # modules that import each other end here
        model = self.module(path)
        if model is not None:
            self._names[path] = ScopeFlow(model, model.module.region, self.names).run()
        return self._names[path]

    def linked(self, link: Link) -> Value:
        """What an imported name stands for in the module it comes from."""
        module, _, name = link.target.rpartition(".")
        if link.target.startswith(".") and not module.strip("."):
            module = link.target[: len(link.target) - len(name)]
        path = link.model.project.locate(module) if module else None
        names = self.names(path) if path is not None else None
        return names.get(name) if names is not None else UNREADABLE_VALUE

    def class_at(self, model: Model, node: ast.ClassDef, region: Region) -> Names:
        """The attributes of a class used as a configuration."""
        if node not in self._classes:
            self._classes[node] = class_names(model, node, region, self.names)
        return self._classes[node]


# -- the application


class _AppFlow(Flow):
    """What a module sets on one application, in order.

    In `names`: `:key` for a setting set on it, `+key` for an added default, `source` for what
    `config_from_object` was given, `namespace`.
    """

    def __init__(self, model: Model, names: frozenset[str], reader: _Reader) -> None:
        self.model = model
        self.app_names = set(names)
        self.reader = reader
        self.queues_touched = False
        self._functions: list[tuple[ast.stmt, Region]] = []
        self._region = model.module.region
        self._interesting = self._statements()

    def _statements(self) -> frozenset[ast.AST]:
        """The functions that do something to the application."""
        found: set[ast.AST] = set()
        candidates = self.model.candidates
        for call, _, region in candidates.attribute_calls:
            if self._is_ours(call.func.value, region):  # type: ignore[attr-defined]
                found.update(r.node for r in region if isinstance(r.node, FunctionNode))
        for statement, region in candidates.assigns:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(self._is_ours(target, region) for target in targets):
                found.update(r.node for r in region if isinstance(r.node, FunctionNode))
        return frozenset(found)

    def _is_ours(self, node: ast.expr, region: Region) -> bool:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.app_names:
            return False
        bindings = region.lookup(node.id)
        return bindings is not None and bindings[0].scope.kind is MODULE

    def run(self) -> Names:
        """Follow the module, then the functions in it that may run at any time after."""
        names = Names()
        self.block(self.model.module.tree.body, names)
        scopes = self.model.candidates.scopes
        for statement, _ in self._functions:
            self._region = scopes[statement]
            inner = Names(names)
            assert isinstance(statement, FunctionNode)
            self.block(statement.body, inner)
            names.join([Names(names), inner])
        return names

    def simple(self, statement: ast.stmt, names: Names) -> None:
        """See `Flow.simple`."""
        if isinstance(statement, FunctionNode):
            if statement in self._interesting:
                self._functions.append((statement, self._region))
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, FunctionNode) and inner in self._interesting:
                    self._functions.append((inner, self._region))
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(target, statement.value, statement, names)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, statement.value, statement, names)
        elif isinstance(statement, ast.AugAssign):
            key = self._conf_key(statement.target)
            if key is not None:
                how = "+=" if isinstance(statement.op, ast.Add) else "update"
                given = Given(statement.value, self._region, self.model, statement, key)
                names.change(f":{key}", Change(how, None, given, True))
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value, names)

    def _conf_key(self, node: ast.expr) -> str | None:
        """The setting in `app.conf.x` or `app.conf["x"]`; `*` for one that can't be told."""
        if isinstance(node, ast.Attribute) and self._is_conf(node.value):
            return node.attr
        if isinstance(node, ast.Subscript) and self._is_conf(node.value):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                return node.slice.value
            return "*"
        return None

    def _is_conf(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr in ("conf", "_conf")
            and isinstance(node.value, ast.Name)
            and self._is_ours(node.value, self._region)
        )

    def _assign(
        self, target: ast.expr, value: ast.expr, statement: ast.stmt, names: Names
    ) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, ast.Call) and target.id in self.app_names:
                self._construct(value, names)
            elif isinstance(value, ast.Name) and value.id in self.app_names:
                self.app_names.add(target.id)
            elif self._is_conf(value):
                # `conf = app.conf`: what is done to it is not followed
                names.taint()
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                if self._conf_key(element) is not None:
                    names.taint()
            return
        key = self._conf_key(target)
        if key == "*":
            names.taint()
        elif key is not None:
            given = Given(value, self._region, self.model, statement, key)
            names.set(f":{key}", Value((given,), False))
        elif isinstance(target, ast.Subscript):
            key = self._conf_key(target.value)
            if key is not None:
                given = Given(value, self._region, self.model, statement, key)
                names.change(f":{key}", Change("[]", target.slice, given, True))
            elif self._within_conf(target):
                names.taint()
        elif isinstance(target, ast.Attribute) and target.attr == "conf":
            if self._is_ours(target, self._region):
                names.taint()
        elif isinstance(target, ast.Attribute) and self._within_conf(target):
            names.taint()
        if isinstance(target, ast.Attribute) and self._is_ours(target, self._region):
            if target.attr in ("loader", "namespace", "config_from_object", "on_configure"):
                names.taint()

    def _within_conf(self, node: ast.expr) -> bool:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            if self._is_conf(node):
                return True
            node = node.value
        return False

    def _construct(self, call: ast.Call, names: Names) -> None:
        """`app = Celery(...)`."""
        arguments = Arguments(call)
        if arguments.splat or arguments.splat_keywords:
            names.taint()
        known = {"main", "loader", "amqp", "events", "log", "control", "set_as_current", "tasks"}
        known |= {"changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace"}
        known |= {"strict_typing", "config_source_silent", "broker", "backend", "include"}
        given = {
            "broker_url": arguments.get("broker", 9),
            "result_backend": arguments.get("backend", 2),
            "include": arguments.get("include", 10),
        }
        given.update((n, k.value) for n, k in arguments.keywords.items() if n not in known)
        for key, value in given.items():
            if value is None or isinstance(value, ast.Constant) and value.value is None:
                continue
            node: ast.AST = value
            for keyword in call.keywords:
                if keyword.value is value:
                    node = keyword
            place = Given(value, self._region, self.model, node, key)
            names.set(f":{key}", self._not_none(place))
        for name, position in (("changes", 11), ("loader", 1)):
            value = arguments.get(name, position)
            if value is None or isinstance(value, ast.Constant) and value.value is None:
                continue
            if name == "changes":
                self._take(value, names, ":")
            else:
                names.taint()
        source = arguments.get("config_source", 12)
        if source is not None:
            place = Given(source, self._region, self.model, call, "config_source")
            names.set("source", Value((place,), False))
        namespace = arguments.get("namespace", 16)
        if namespace is not None:
            place = Given(namespace, self._region, self.model, call, "namespace")
            names.set("namespace", Value((place,), False))
        definition = self.model.resolver.definition(call.func, self._region)
        if definition is not None and isinstance(definition[0], ast.ClassDef):
            cls = self.model.task_class(definition[0], definition[1])
            if any(name in cls.methods or name in cls.attributes for name in _LOADING):
                names.taint()

    def _not_none(self, place: Given) -> Value:
        """A constructor's argument: None gives nothing."""
        values = self.model.resolver.values(place.value, place.region)
        if not isinstance(values, Unknown):
            return Value((place,), None in values)
        kinds = self.model.resolver.kinds(place.value, place.region)
        if not isinstance(kinds, Unknown) and "none" not in kinds:
            return Value((place,), False)
        return Value((place,), False, False)

    def _take(self, node: ast.expr, names: Names, prefix: str) -> None:
        """Take in every item of a mapping as settings."""
        found = expression_names(self.model, node, self._region)
        if found is None:
            target = self.model.resolver.qualname(node, self._region)
            if target is not None and isinstance(node, (ast.Name, ast.Attribute)):
                value = self.reader.linked(Link(target, self.model))
                if not value.unreadable and len(value.places) == 1 and not value.changes:
                    place = value.places[0]
                    if isinstance(place, Given):
                        found = expression_names(place.model, place.value, place.region)
        if found is None or found.opaque:
            names.taint()
        if found is not None:
            for name in list(found.names):
                names.set(f"{prefix}{name}", found.get(name))

    def _call(self, call: ast.Call, names: Names) -> None:
        func = call.func
        if not isinstance(func, ast.Attribute) or not self._is_ours(func, self._region):
            self._handed_on(call, names)
            return
        attr, holder = func.attr, func.value
        arguments = Arguments(call)
        if self._is_conf(holder):
            if attr == "update":
                for argument in call.args:
                    self._take(argument, names, ":")
                for keyword in call.keywords:
                    if keyword.arg is None:
                        self._take(keyword.value, names, ":")
                    else:
                        given = Given(
                            keyword.value, self._region, self.model, keyword, keyword.arg
                        )
                        names.set(f":{keyword.arg}", Value((given,), False))
            elif attr == "add_defaults":
                self._defaults(arguments, names)
            elif attr == "setdefault":
                key = arguments.get("key", 0)
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    names.change(f":{key.value}", None)
                else:
                    names.taint()
            elif attr not in _READING:
                names.taint()
            return
        key = self._conf_key(holder)
        if key is not None:
            if attr in ("update", "extend", "append") and len(call.args) == 1 and not call.keywords:
                given = Given(call.args[0], self._region, self.model, call, key)
                how = {"update": "update", "extend": "+=", "append": "append"}[attr]
                names.change(f":{key}", Change(how, None, given, True))
            elif attr not in ("get", "keys", "values", "items", "copy", "index", "count"):
                names.change(f":{key}", None)
            return
        if self._within_conf(holder):
            names.taint()
            return
        if not isinstance(holder, ast.Name):
            self.queues_touched = self.queues_touched or "amqp" in (dotted(func) or "")
            return
        if attr == "config_from_object":
            source = arguments.get("obj", 0)
            if source is None:
                names.set("source", UNREADABLE_VALUE)
                return
            place = Given(source, self._region, self.model, call, "config_from_object")
            names.set("source", Value((place,), False))
            namespace = arguments.get("namespace", 3)
            if namespace is not None:
                place = Given(namespace, self._region, self.model, call, "namespace")
                names.set("namespace", Value((place,), False))
        elif attr == "add_defaults":
            self._defaults(arguments, names)
        elif attr in ("config_from_envvar", "config_from_cmdline"):
            names.set("source", UNREADABLE_VALUE)
            if attr == "config_from_cmdline":
                names.taint()
        elif attr == "select_queues":
            self.queues_touched = True

    def _defaults(self, arguments: Arguments, names: Names) -> None:
        given = arguments.get("fun", 0) or arguments.get("d", 0)
        if isinstance(given, ast.Lambda):
            given = given.body
        if given is None:
            names.taint()
        else:
            self._take(given, names, "+")

    def _handed_on(self, call: ast.Call, names: Names) -> None:
        """The application given to a function of the project, which may configure it."""
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        for argument in given:
            if self._is_conf(argument):
                names.taint()
            elif isinstance(argument, ast.Name) and self._is_ours(argument, self._region):
                target = self.model.resolver.qualname(call.func, self._region)
                module = target.rpartition(".")[0] if target else ""
                if target is None or target.startswith(".") or self.reader.project.locate(module):
                    names.taint()


# -- finding it


def configuration_of(model: Model, task: Task | None = None) -> Configuration:
    """The configuration that holds for a module, or for one task of it.

    Where it is unclear which application that is, one with `found` false: all is UNREADABLE.
    Cached for the process; a file that changes is read anew. Never raises on what it reads.
    """
    where = _application(model, task)
    known: dict[object, Configuration] = model.configurations
    if where in known:
        return known[where]
    found = _cached(model, where)
    known[where] = found
    if root_of(model.project.folder) is not None:
        for trouble in found.troubles:
            shown = os.path.relpath(trouble.path, root_of(model.project.folder))
            model.silence(None, f"{shown} can't be read ({trouble.why})")
    return found


class _Where(NamedTuple):
    """The application: the module that builds it, and its name there."""

    path: str
    name: str


NO_APPLICATION: Final = _Where("", "")
UNCLEAR: Final = _Where("", "?")


def _application(model: Model, task: Task | None) -> _Where:
    """The application of a task, or of a module that has only one."""
    project = model.project
    if task is not None and task.application is not None:
        application = task.application
        if application.target is not None:
            return _followed_application(project, application.target)
        for name, own in model.applications.items():
            if own is application or own.node is not None and own.node is application.node:
                return _Where(project.path, name)
        if application.known or task.style != "app":
            return _default(model)
        return UNCLEAR
    if task is not None and task.style == "app":
        return UNCLEAR
    return _default(model)


def _default(model: Model) -> _Where:
    project = model.project
    given = project.options.celery_app
    if given:
        module, _, name = given.partition(":")
        for candidate in (name or "app", "celery"):
            found = _followed_application(project, f"{module}.{candidate}")
            if found is not UNCLEAR:
                return found
        return UNCLEAR
    if len(model.applications) == 1:
        return _Where(project.path, next(iter(model.applications)))
    if model.applications:
        return UNCLEAR
    imported: set[_Where] = set()
    for bindings in model.module.region.bindings.values():
        for binding in bindings:
            if binding.how == "import" and "celery" in binding.target.lower():
                root = binding.target.lstrip(".").partition(".")[0]
                if root != "celery" or binding.target.startswith("."):
                    found = _followed_application(project, binding.target)
                    if found is not UNCLEAR:
                        imported.add(found)
    if len(imported) == 1:
        return imported.pop()
    if imported:
        return UNCLEAR
    return _nearest(project)


def _nearest(project: Project) -> _Where:
    """The one application in the nearest folder above that has any, else the only one below."""
    groups: dict[str, list[_Where]] = {}
    for path in project.usual_places():
        facts = project.read(path)
        if facts is not None:
            for name, application in facts.applications.items():
                if application.known or application.node is not None:
                    groups.setdefault(os.path.dirname(path), []).append(_Where(path, name))
    if not groups:
        return NO_APPLICATION
    for folder, found in groups.items():
        inside = project.folder == folder or project.folder.startswith(folder + os.sep)
        if inside:
            return found[0] if len(found) == 1 else UNCLEAR
    everything = [where for found in groups.values() for where in found]
    return everything[0] if len(everything) == 1 else UNCLEAR


def _followed_application(project: Project, target: str) -> _Where:
    found = project.find(target)
    if found is not None and found[1] in found[0].applications:
        return _Where(found[0].model.project.path, found[1])
    return UNCLEAR


def _cached(model: Model, where: _Where) -> Configuration:
    files = current_files()
    key = (where, model.project.options, root_of(model.project.folder))
    known = files.configurations.get(key)
    if isinstance(known, Configuration):
        if model.project.path not in known.stamps and all(
            files.stamp(path) == stamp for path, stamp in known.stamps.items()
        ):
            return known
    found = _read(model, where)
    if model.project.path not in found.stamps:
        files.configurations[key] = found
    return found


def _read(model: Model, where: _Where) -> Configuration:
    project = model.project
    options = project.options
    reader = _Reader(project, model)
    declared = _declared(project, reader)
    if where is UNCLEAR or where == UNCLEAR:
        return Configuration((), UNKNOWN, options, found=False, reader=reader, declared=declared)
    app_layers: list[_Layer] = []
    defaults: list[_Layer] = []
    sources: list[list[_Layer]] = [[]]
    namespace: str | None | Unknown = None
    found = False
    if where != NO_APPLICATION:
        home = reader.module(where.path)
        application = home.applications.get(where.name) if home is not None else None
        if home is None or application is None or not application.known:
            return Configuration(
                (), UNKNOWN, options, found=False, reader=reader, declared=declared
            )
        found = True
        flow = _AppFlow(home, frozenset({where.name}), reader)
        names = flow.run()
        if len(home.module.region.bindings.get(where.name, ())) > 1:
            names.taint()
        if flow.queues_touched:
            names.change(":task_queues", None)
        app_layers.append(_Layer(_with_prefix(names, ":")))
        defaults.append(_Layer(_with_prefix(names, "+")))
        namespace = _namespace(names)
        sources = _sources(home, names, reader, options)
        if model is not home and ".conf" in model.module.text:
            elsewhere = _elsewhere(model, where, reader)
            if elsewhere is not None:
                app_layers.insert(0, _Layer(elsewhere))
    if options.celery_config:
        sources = [[_Layer(_given_sources(project, reader, options))]]
        if not found:
            namespace = _guess(sources[0][0].names)
        found = True
    elif not found:
        path = project.locate("celeryconfig")
        if path is not None:
            layer = reader.names(path)
            if layer is not None:
                sources, found = [[_Layer(layer)]], True
    layers = [[*app_layers, *defaults, *source] for source in sources]
    return Configuration(
        layers, namespace, options, found=found, reader=reader, declared=declared
    )


def _with_prefix(names: Names, prefix: str) -> Names:
    found = Names()
    if names.opaque:
        found.taint()
    for name in list(names.names):
        if name.startswith(prefix):
            found.set(name[1:], names.get(name))
    return found


def _namespace(names: Names) -> str | None | Unknown:
    value = names.get("namespace")
    if value.unreadable:
        return UNKNOWN
    found: set[object] = {None} if value.absent else set()
    for place in value.places:
        if not isinstance(place, Given):
            return UNKNOWN
        values = place.model.resolver.values(place.value, place.region)
        if isinstance(values, Unknown):
            return UNKNOWN
        found |= set(values)
    if len(found) != 1:
        return UNKNOWN
    only = found.pop()
    return only if isinstance(only, str) or only is None else UNKNOWN


def _sources(
    home: Model, names: Names, reader: _Reader, options: Options
) -> list[list[_Layer]]:
    """What the application may load: each possibility as layers."""
    value = names.get("source")
    if value.unreadable:
        opaque = Names()
        opaque.taint()
        return [[_Layer(opaque)]]
    found: list[list[_Layer]] = [[]] if value.absent else []
    for place in value.places:
        assert isinstance(place, Given)
        found += _source(place, reader)
    return found or [[]]


def _opaque() -> list[list[_Layer]]:
    names = Names()
    names.taint()
    return [[_Layer(names)]]


def _source(place: Given, reader: _Reader) -> list[list[_Layer]]:
    model, node, region = place.model, place.value, place.region
    values = model.resolver.values(node, region)
    if not isinstance(values, Unknown):
        layers: list[list[_Layer]] = []
        for target in values:
            layers += _named_source(target, model, reader) if isinstance(target, str) else _opaque()
        return layers
    name = model.resolver.qualname(node, region)
    if name is not None and name in _DJANGO:
        return _django(model, reader)
    if name is not None:
        path = model.project.locate(name)
        if path is not None:
            found = reader.names(path)
            return [[_Layer(found)]] if found is not None else _opaque()
        return _attribute_source(name, model, reader)
    instance = isinstance(node, ast.Call) and not node.args and not node.keywords
    cls = node.func if instance and isinstance(node, ast.Call) else node
    definition = model.resolver.definition(cls, region)
    if definition is not None and isinstance(definition[0], ast.ClassDef):
        if instance and "__init__" in model.candidates.scopes[definition[0]].bindings:
            return _opaque()
        return [[_Layer(reader.class_at(model, definition[0], definition[1]))]]
    table = expression_names(model, node, region)
    return [[_Layer(table)]] if table is not None else _opaque()


def _named_source(target: str, model: Model, reader: _Reader) -> list[list[_Layer]]:
    if target in _DJANGO:
        return _django(model, reader)
    if ":" in target:
        return _attribute_source(target.replace(":", ".", 1), model, reader)
    path = model.project.locate(target)
    if path is not None:
        names = reader.names(path)
        return [[_Layer(names)]] if names is not None else _opaque()
    return _attribute_source(target, model, reader)


def _attribute_source(target: str, model: Model, reader: _Reader) -> list[list[_Layer]]:
    """`module.Class`, `module.module_object` or `module.dict`."""
    found = model.project.find(target)
    if found is None:
        return _opaque()
    other = reader.module(found[0].model.project.path)
    bindings = other.module.region.bindings.get(found[1]) if other is not None else None
    if other is None or not bindings or len(bindings) != 1:
        return _opaque()
    node = bindings[0].node
    if isinstance(node, ast.ClassDef):
        return [[_Layer(reader.class_at(other, node, bindings[0].scope))]]
    if bindings[0].value is not None:
        table = expression_names(other, bindings[0].value, bindings[0].scope)
        if table is not None:
            return [[_Layer(table)]]
    return _opaque()


def _django(model: Model, reader: _Reader) -> list[list[_Layer]]:
    """Django's settings: the module that this file or manage.py names, and its alternatives."""
    found = _DJANGO_MODULE.search(model.module.text)
    if found is None:
        for folder in dict.fromkeys(
            (package_of(model.project.folder)[0], root_of(model.project.folder))
        ):
            if folder is None:
                continue
            manage = os.path.join(folder, "manage.py")
            try:
                text = current_files().read(manage).decode("utf-8", "replace")
            except OSError:
                continue
            found = _DJANGO_MODULE.search(text)
            if found is not None:
                break
    path = model.project.locate(found[1]) if found is not None else None
    if path is None:
        return _opaque()
    layers: list[list[_Layer]] = []
    for each in (path, *_alternatives(path)):
        other = reader.module(each)
        if other is None or "DJANGO_CONFIGURATION" in model.module.text:
            return _opaque()
        names = reader.names(each)
        layers += [[_Layer(names, True)]] if names is not None else _opaque()
    return layers


def _alternatives(path: str) -> Iterator[str]:
    """Settings modules beside this one that another environment may name instead."""
    folder, own = os.path.split(path)
    files = current_files()
    among = "settings" in os.path.basename(folder).lower()
    if own == "__init__.py":
        return
    for name in files.modules_in(folder)[: MAX_SIBLINGS * 10]:
        if name == own or not (among or "settings" in name.lower()) or "test" in name.lower():
            continue
        other = os.path.join(folder, name)
        try:
            text = files.read(other).decode("utf-8", "replace")
        except OSError:
            continue
        if "import *" in text or "INSTALLED_APPS" in text:
            yield other


def _given_sources(project: Project, reader: _Reader, options: Options) -> Names:
    """The modules of `celery-config`, the later over the earlier."""
    names = Names()
    base = options.root or root_of(project.folder) or project.folder
    for given in options.celery_config:
        path: str | None
        if given.endswith(".py") or "/" in given or os.sep in given:
            path = given if os.path.isabs(given) else os.path.join(base, given)
        else:
            path = project.locate(given)
        other = reader.names(os.path.normpath(path)) if path is not None else None
        if other is None:
            if path is None or current_files().stamp(path) is None:
                reader.trouble(os.path.join(base, given), "no such file")
            names.taint()
            continue
        if other.opaque:
            names.taint()
        for name in list(other.names):
            value = other.get(name)
            if value.absent:
                value = merged((value._replace(absent=False), names.get(name)))
            names.set(name, value)
    return names


def _guess(names: Names) -> str | None | Unknown:
    """The namespace of modules that no application in sight loads."""
    from flake8_celery.facts.settings import SETTINGS

    if any(name in SETTINGS for name in names.names):
        return None
    for name in names.names:
        bare = name.removeprefix("CELERY_").lower()
        if name.startswith("CELERY_") and bare in SETTINGS and name not in OLD_NAMES:
            return "CELERY"
    return UNKNOWN


def _elsewhere(model: Model, where: _Where, reader: _Reader) -> Names | None:
    """What the linted module itself sets on an application that it imports."""
    names = frozenset(
        name
        for name, bindings in model.module.region.bindings.items()
        if len(bindings) == 1
        and bindings[0].how == "import"
        and _followed_application(model.project, bindings[0].target) == where
    )
    if not names:
        return None
    found = _AppFlow(model, names, reader).run()
    reader.stamps[model.project.path] = None
    layer = Names()
    layer.join([Names(layer), _with_prefix(found, ":")])
    return layer


# -- queues that options declare


_FLAG = re.compile(
    r"""(?<![\w-])(?:-Q|--queues)(?:["']?\s*,\s*["']|=|\s+)?["']?([^\s"'\]&|;]*)""", re.M
)


def queues_in_commands(text: str) -> tuple[frozenset[str], bool]:
    """The queues that worker commands in a text consume, and whether all could be read.

    A worker without `-Q`, or with a variable in it, makes the set incomplete.
    """
    names: set[str] = set()
    complete = True
    for found in _FLAG.finditer(text):
        given = found[1].strip(",")
        if not given or "$" in given or "{" in given or "%" in given:
            complete = False
        names.update(
            name for name in given.split(",") if name and not set(name) & set("${}%()<>\\")
        )
    return frozenset(names), complete and bool(names)


def _declared(project: Project, reader: _Reader) -> tuple[frozenset[str], bool]:
    options = project.options
    names = set(options.celery_queues)
    complete = bool(names)
    base = options.root or root_of(project.folder) or project.folder
    files = current_files()
    for given in options.celery_worker_commands:
        path = os.path.normpath(os.path.join(base, given))
        try:
            text = files.read(path).decode("utf-8", "replace")
        except OSError:
            reader.trouble(path, "no such file")
            complete = complete and bool(options.celery_queues)
            continue
        reader.stamps[path] = files.stamp(path)
        found, whole = queues_in_commands(text)
        names |= found
        complete = whole if not options.celery_queues else complete
    return frozenset(names), complete


def settings_given(configuration: Configuration, keys: Iterable[str]) -> list[str]:
    """Those of the settings that are not certainly absent."""
    return [key for key in keys if not configuration.absent(key)]


__all__ = [
    "ABSENT",
    "UNREADABLE",
    "Application",
    "Configuration",
    "Kind",
    "Known",
    "Queues",
    "Trouble",
    "backend_of_url",
    "configuration_of",
    "kind_of_url",
    "queues_in_commands",
]
