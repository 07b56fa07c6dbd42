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
import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from flake8_celery.core.appsettings import AppFlow
from flake8_celery.core.assigned import (
    ABSENT_VALUE,
    UNREADABLE_VALUE,
    Change,
    Given,
    Link,
    Names,
    Value,
    merged,
)
from flake8_celery.core.declared import (
    BACKENDS,
    TRANSPORTS,
    Kind,
    Queues,
    declared,
    kind_of_url,
    queue_name,
    read_queues,
    text,
)
from flake8_celery.core.model import ABSENT as ABSENT
from flake8_celery.core.model import (
    Absent,
    Application,
    BeatEntry,
    Model,
    Setting,
    Task,
    UnknownSetting,
)
from flake8_celery.core.notes import Slot
from flake8_celery.core.others import facts_of
from flake8_celery.core.project import current_files, root_of
from flake8_celery.core.read import read
from flake8_celery.core.resolve import MAX_VALUES, UNKNOWN, Unknown, Values, distinct
from flake8_celery.core.sources import (
    Layer,
    Reader,
    Trouble,
    given_sources,
    guess,
    namespace,
    opaque,
    sources,
)
from flake8_celery.facts.settings import OLD_NAMES, SETTINGS
from flake8_celery.options import Options

MAX_LINKS: Final = 8
NEW_TO_OLD: Final = {new: old for old, new in OLD_NAMES.items()}


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


class Configuration:
    """The settings of one application. `found` is false where there is no application to see."""

    def __init__(
        self,
        layers: Sequence[Sequence[Layer]],
        namespace: str | Unknown | None,
        options: Options,
        *,
        found: bool = True,
        reader: Reader | None = None,
        declared: tuple[frozenset[str], bool] = (frozenset(), False),
    ) -> None:
        self._layers = layers
        self.namespace = namespace
        """The prefix of its names (`CELERY`), None without one, UNKNOWN."""
        self._options = options
        self.found = found
        self._reader = reader
        self.troubles: list[Trouble] = reader.troubles if reader is not None else []
        self.stamps: dict[str, object] = reader.stamps if reader is not None else {}
        """Every file that it was read from, with its state then."""
        self._declared = declared
        self._settings: dict[str, Known | Absent | Unreadable] = {}
        self._queues: Queues | None = None
        self._entries: tuple[tuple[BeatEntry, Model], ...] | None = None

    def loads(self, model: Model, scope: ast.AST | None = None) -> bool:
        """Tell whether a module is read for settings, or the class `scope` in it."""
        reader = self._reader
        if reader is None or not self.found:
            return False
        if isinstance(scope, ast.ClassDef):
            return scope in reader.classes
        path = model.project.path
        if path in reader.loaded:
            return True
        # another environment's settings
        name = os.path.basename(path).lower()
        folder = os.path.basename(model.project.folder).lower()
        return reader.django and ("settings" in name or "settings" in folder)

    @property
    def from_django(self) -> bool:
        """Whether Django's settings are loaded: of them only names in capitals count."""
        return self._reader is not None and self._reader.django

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
        """Tell whether a setting that is off by default surely is: absent, or every value false."""
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

    def _in_layers(self, key: str, layers: Sequence[Layer]) -> Value:
        """The value in layers, where every Celery version that may be in use finds the same.

        5.7 tries each spelling in one layer before it goes on to the next; up to 5.6 each layer is
        tried for one spelling before the next spelling.
        """
        spellings = list(self._spellings(key))
        target = self._options.celery_target_version
        found: list[Value] = []
        if target is None or target >= (5, 7):
            found.append(self._first((layer, *each) for layer in layers for each in spellings))
        if target is None or target < (5, 7):
            if self._mixed:
                return UNREADABLE_VALUE
            old = NEW_TO_OLD.get(key)
            # an old name among added defaults counts or not by what the others are called
            found.append(
                self._first(
                    (layer, name, certain and not (layer.added and name == old))
                    for name, certain in spellings
                    for layer in layers
                )
            )
        return found[0] if all(value == found[0] for value in found) else UNREADABLE_VALUE

    @functools.cached_property
    def _mixed(self) -> bool:
        """Whether old and new names stand in one source without a namespace (see CEL804).

        Which of them count then depends on which are more.
        """
        if self.namespace:
            return False
        written = {
            name for layers in self._layers for layer in layers for name in layer.names.names
        }
        return bool(written & OLD_NAMES.keys()) and bool(written & SETTINGS.keys())

    def _first(self, tries: Iterable[tuple[Layer, str, bool]]) -> Value:
        found = ABSENT_VALUE
        for layer, name, certain in tries:
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
        return result._replace(absent=value.absent, changes=(*result.changes, *value.changes))

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
        names = self._reader.peek(place.model.project.path)
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
        return self._kind("broker_url", TRANSPORTS)

    @property
    def backend(self) -> Kind | None:
        """The result backend's kind, or None where nothing says it; silence says nothing."""
        if self._options.celery_backend:
            return Kind(self._options.celery_backend, True)
        return self._kind("result_backend", BACKENDS)

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
        names, whole = self.task_queues()
        return Queues(names, whole and default is not None, create, default, "task_queues")

    def task_queues(self) -> tuple[frozenset[str], bool]:
        """The names in `task_queues`, and whether they are all of them."""
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
                whole = queue_name(change.given, change.given.value, names) and whole
            elif change.how == "[]" and change.item is not None:
                whole = text(change.given, change.item, names) and whole
            elif change.how not in ("+=", "update"):
                whole = False
        for place in everything:
            whole = read_queues(place, place.value, place.region, names, 0) and whole
        return frozenset(names), whole and bool(names)

    # -- beat

    @property
    def entries(self) -> tuple[tuple[BeatEntry, Model], ...]:
        """The entries of the beat schedule in sight, each with the module that it stands in."""
        if self._entries is None:
            self._entries = tuple(self._read_entries())
        return self._entries

    def _read_entries(self) -> Iterator[tuple[BeatEntry, Model]]:
        from flake8_celery.core.classify import beat_entries, beat_entry

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
                label = change.item.value if isinstance(change.item, ast.Constant) else ""
                found = beat_entry(
                    place.model, place.value, place.region, statement, str(label), change.item
                )
            else:
                found = beat_entries(place.model, place.value, place.region, statement)
            for entry in found:
                yield entry, place.model


def _is_name(place: Given | Link) -> bool:
    return isinstance(place, Given) and isinstance(place.value, ast.Name)


def _statement(place: Given) -> ast.stmt:
    return place.node if isinstance(place.node, ast.stmt) else ast.Expr(place.value)


# -- finding it


_FOUND: Final[Slot[dict[_Where, Configuration]]] = Slot(dict)
"""Of a module, by application."""
_CONFIGURATIONS: Final[Slot[dict[object, Configuration]]] = Slot(dict)
"""Of all files, by the application and the options that it was read with."""


def configuration_of(model: Model, task: Task | None = None) -> Configuration:
    """The configuration that holds for a module, or for one task of it.

    Where it is unclear which application that is, one with `found` false: all is UNREADABLE.
    Cached for the process; a file that changes is read anew. Never raises on what it reads.
    """
    where = _application(model, task)
    known = _FOUND.of(model.notes)
    if where in known:
        return known[where]
    found = _cached(model, where)
    known[where] = found
    if root_of(model.project.folder) is not None:
        for number, trouble in enumerate(found.troubles):
            model.project.unread.setdefault(f"configuration {number}", trouble.path)
    return found


_TELLING: Final = frozenset(
    name for name in SETTINGS if name.startswith(("broker_", "result_", "task_", "worker_"))
)


def loads_module(model: Model) -> bool:
    """Whether the application loads this module, and not as one of Django's."""
    if _TELLING.isdisjoint(model.module.region.bindings):
        return False
    configuration = configuration_of(model)
    return not configuration.from_django and configuration.loads(model)


def namespace_of(fact: Setting | UnknownSetting, model: Model) -> str | Unknown | None:
    """The prefix that holds where a setting is given; UNKNOWN where nothing seems to load it."""
    configuration = configuration_of(model)
    if not configuration.found:
        return UNKNOWN
    if fact.form in ("conf", "dict") or configuration.loads(model, fact.region.node):
        return configuration.namespace
    return UNKNOWN


#: What a configuration depends on.
_OPTIONS: Final = (
    *("root", "celery_app", "celery_config", "celery_source_roots", "celery_target_version"),
    *("celery_queues", "celery_worker_commands", "celery_broker", "celery_backend"),
)


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
            return _followed_application(model, application.target)
        for name, own in model.applications.items():
            if own is application or (own.node is not None and own.node is application.node):
                return _Where(project.path, name)
        if application.known or task.style != "app":
            return _default(model)
        return UNCLEAR
    if task is not None and task.style == "app":
        return UNCLEAR
    return _default(model)


_WHERE: Final[Slot[_Where]] = Slot(lambda: UNCLEAR)
"""Where the application is that the shared tasks of a module belong to."""


def _default(model: Model) -> _Where:
    found = _WHERE.get(model.notes)
    return found if found is not None else _WHERE.put(model.notes, _find_default(model))


def _find_default(model: Model) -> _Where:
    project = model.project
    given = project.options.celery_app
    if given:
        module, _, name = given.partition(":")
        for candidate in (name or "app", "celery"):
            found = _followed_application(model, f"{module}.{candidate}")
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
                    found = _followed_application(model, binding.target)
                    if found is not UNCLEAR:
                        imported.add(found)
    if len(imported) == 1:
        return imported.pop()
    if imported:
        return UNCLEAR
    return _nearest(model)


def _nearest(model: Model) -> _Where:
    """The one application in the nearest folder above that has any, else the only one below."""
    groups: dict[str, list[_Where]] = {}
    project = model.project
    for path in model.usual_places():
        there = read(project, path)
        if there is not None:
            for name, application in facts_of(there).applications.items():
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


def _followed_application(model: Model, target: str) -> _Where:
    found = model.find(target)
    if found is not None and found[1] in facts_of(found[0]).applications:
        return _Where(found[0].project.path, found[1])
    return UNCLEAR


def _cached(model: Model, where: _Where) -> Configuration:
    files = current_files()
    options = model.project.options
    given = tuple(getattr(options, name) for name in _OPTIONS)
    key = (where, given, root_of(model.project.folder))
    configurations = _CONFIGURATIONS.of(files.notes)
    known = configurations.get(key)
    if known is not None:
        if model.project.path not in known.stamps and all(
            files.stamp(path) == stamp for path, stamp in known.stamps.items()
        ):
            return known
    found = _read(model, where)
    if model.project.path not in found.stamps:
        configurations[key] = found
    return found


def _read(model: Model, where: _Where) -> Configuration:
    project = model.project
    options = project.options
    reader = Reader(project, model)
    queues = declared(project, reader)
    nothing = Configuration((), UNKNOWN, options, found=False, reader=reader, declared=queues)
    if where == UNCLEAR:
        return nothing
    app_layers: list[Layer] = []
    defaults: list[Layer] = []
    loaded: list[list[Layer]] = [[]]
    prefix: str | Unknown | None = None
    found = False
    if where != NO_APPLICATION:
        home = reader.module(where.path)
        application = home.applications.get(where.name) if home is not None else None
        if home is None or application is None or not _is_plain(application, home):
            return nothing
        found = True
        flow = AppFlow(home, frozenset({where.name}), reader)
        names = flow.run()
        if len(home.module.region.bindings.get(where.name, ())) > 1:
            names.taint()
        if flow.queues_touched:
            names.change(":task_queues", None)
        app_layers.append(Layer(_with_prefix(names, ":"), own=True))
        defaults.append(Layer(_with_prefix(names, "+"), added=True, own=True))
        prefix = namespace(names)
        # an application that its module gives nothing is configured somewhere else
        loaded = sources(names, reader) if names.names else opaque()
        if model is not home and ".conf" in model.module.text:
            elsewhere = _elsewhere(model, where, reader)
            if elsewhere is not None:
                app_layers.insert(0, Layer(elsewhere, own=True))
    if options.celery_config:
        loaded = [[Layer(given_sources(project, reader, options))]]
        if not found:
            prefix = guess(loaded[0][0].names)
        found = True
    elif not found:
        path = project.locate("celeryconfig")
        if path is not None:
            layer = reader.names(path)
            if layer is not None:
                loaded, found = [[Layer(layer)]], True
    layers = [[*app_layers, *defaults, *source] for source in loaded]
    return Configuration(layers, prefix, options, found=found, reader=reader, declared=queues)


def _is_plain(application: Application, home: Model) -> bool:
    """Whether the module itself builds it, at its top: no factory may have configured it."""
    return (
        application.known
        and application.home is home.module
        and application.region is not None
        and application.region.scope is home.module.region
    )


def _with_prefix(names: Names, prefix: str) -> Names:
    found = Names()
    if names.opaque:
        found.taint()
    for name in list(names.names):
        if name.startswith(prefix):
            found.set(name[1:], names.get(name))
    return found


def _elsewhere(model: Model, where: _Where, reader: Reader) -> Names | None:
    """What the linted module itself sets on an application that it imports."""
    names = frozenset(
        name
        for name, bindings in model.module.region.bindings.items()
        if len(bindings) == 1
        and bindings[0].how == "import"
        and _followed_application(model, bindings[0].target) == where
    )
    if not names:
        return None
    found = AppFlow(model, names, reader).run()
    reader.stamps[model.project.path] = None
    layer = Names()
    layer.join([Names(layer), _with_prefix(found, ":")])
    return layer
