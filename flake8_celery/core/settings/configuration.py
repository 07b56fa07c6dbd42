"""The settings of one application, asked by name."""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from flake8_celery.core.model.fact import ABSENT, Absent
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import BeatEntry
from flake8_celery.core.settings.names import (
    ABSENT_VALUE,
    UNREADABLE_VALUE,
    Assigned,
    Held,
    InPlace,
    Link,
    held_by_any,
)
from flake8_celery.core.settings.queues import (
    BACKEND_KINDS,
    TRANSPORTS,
    Kind,
    Queues,
    kind_of_url,
    queue_name,
    read_queues,
    text,
)
from flake8_celery.core.settings.sources import Layer, Reader, Trouble
from flake8_celery.core.values.degrees import SETTINGS as BARE
from flake8_celery.core.values.degrees import assume
from flake8_celery.core.values.unknown import MAX_VALUES, UNKNOWN, Unknown, Values, distinct
from flake8_celery.notes import Notes
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS

MAX_LINKS: Final = 8
OLD_SPELLINGS: Final = {new: old for old, new in OLD_NAMES.items()}


class Unreadable(Unknown):
    """The setting may be given, by something that can't be read. False in a condition."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = Unreadable()


class Known(NamedTuple):
    """A setting that is given: every expression it may be, in `places`."""

    places: tuple[Assigned, ...]
    sure: bool
    """It is given on every way; else Celery's default may hold instead."""
    changes: tuple[InPlace, ...]
    """What is added in place to any of them, or to the default: `beat_schedule["x"] = ...`."""


def _mixes(layers: Sequence[Layer]) -> bool:
    """Whether old and new names stand in what is loaded, or where nothing is, on the application.

    Celery turns what is set on the application into the spelling of what it loads.
    """
    source = [layer for layer in layers if not layer.own] or layers
    written = {name for layer in source for name in layer.names.names}
    return bool(written & OLD_NAMES.keys()) and bool(written & SETTINGS.keys())


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
        bare: bool = False,
    ) -> None:
        self._layers = layers
        self.namespace = namespace
        """The prefix of its names (`CELERY`), None without one, UNKNOWN."""
        self._options = options
        self.found = found
        self.bare = bare
        """Nothing in reach configures the application: likely nothing does."""
        self._reader = reader
        self.troubles: list[Trouble] = reader.troubles if reader is not None else []
        self.stamps: dict[str, object] = reader.stamps if reader is not None else {}
        """Every file that it was read from, with its state then."""
        self._declared = declared
        self.notes: Notes = {}
        """What higher rooms made of it."""
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
        if self.bare:
            assume(BARE)
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

    def every(self, key: str, default: object) -> Values:
        """Every value that may hold, Celery's `default` where a source is silent; or UNKNOWN."""
        known = self.setting(key)
        if isinstance(known, Absent):
            return (default,)
        if not isinstance(known, Known) or known.changes:
            return UNKNOWN
        found: list[object] = [] if known.sure else [default]
        for place in known.places:
            values = place.model.resolver.values(place.value, place.region)
            if isinstance(values, Unknown):
                return UNKNOWN
            found += values
        values = distinct(found)
        return values if len(values) <= MAX_VALUES else UNKNOWN

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
        results: list[Held] = []
        for layers in self._layers:
            value = self._in_layers(key, layers)
            if value.unreadable:
                return UNREADABLE
            results.append(value)
        value = held_by_any(results)
        if value.unreadable:
            return UNREADABLE
        if not value.places and not value.changes:
            return ABSENT
        places = tuple(place for place in value.places if isinstance(place, Assigned))
        return Known(places, not value.absent, value.changes)

    def _in_layers(self, key: str, layers: Sequence[Layer]) -> Held:
        """The value in layers, where every Celery version that may be in use finds the same.

        5.7 tries each spelling in one layer before it goes on to the next; up to 5.6 each layer is
        tried for one spelling before the next spelling.
        """
        spellings = list(self._spellings(key))
        target = self._options.celery_target_version
        found: list[Held] = []
        if target is None or target >= (5, 7):
            found.append(self._first((layer, *each) for layer in layers for each in spellings))
        if target is None or target < (5, 7):
            if self._mixed:
                return UNREADABLE_VALUE
            old = OLD_SPELLINGS.get(key)
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
        return not self.namespace and any(map(_mixes, self._layers))

    def _first(self, tries: Iterable[tuple[Layer, str, bool]]) -> Held:
        found = ABSENT_VALUE
        for layer, name, certain in tries:
            if layer.upper_only and not name.isupper():
                continue
            value = self._resolved(layer.names.get(name), 0)
            if value.unreadable:
                return UNREADABLE_VALUE
            if not certain and (value.places or value.changes):
                return UNREADABLE_VALUE
            found = Held(
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
        old = OLD_SPELLINGS.get(key)
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

    def _resolved(self, value: Held, depth: int) -> Held:
        """The value with imported names followed to the expressions they stand for."""
        if value.unreadable or self._reader is None:
            return value
        if not any(isinstance(place, Link) or _is_name(place) for place in value.places):
            return value
        if depth > MAX_LINKS:
            return UNREADABLE_VALUE
        found: list[Held] = []
        for place in value.places:
            if isinstance(place, Link):
                found.append(self._resolved(self._reader.linked(place), depth + 1))
            else:
                found.append(self._followed(place, depth))
        result = held_by_any(found)
        return result._replace(absent=value.absent, changes=(*result.changes, *value.changes))

    def _followed(self, place: Assigned, depth: int) -> Held:
        """What a bare name stands for at the end of its module, where it is bound once."""
        plain = Held((place,), False)
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
        return self._kind("result_backend", BACKEND_KINDS)

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
        """The declared queues: those of the options and worker commands, else of `task_queues`."""
        if self._queues is None:
            self._queues = self._declare()
        return self._queues

    def _declare(self) -> Queues:
        default = self._default_queue()
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
        settled = self.where_queues_are._default_queue() is not None
        return Queues(names, whole and settled, create, default, "task_queues")

    def _default_queue(self) -> str | None:
        if self.absent("task_default_queue"):
            return "celery"
        values = self.values("task_default_queue")
        if isinstance(values, Unknown) or len(values) != 1:
            return None
        return values[0] if isinstance(values[0], str) else None

    @functools.cached_property
    def where_queues_are(self) -> Configuration:
        """The same without the settings modules that nothing names and that declare no queues.

        Such a module is the base of others, or for a build: no worker that has queues runs with it.
        """
        kept = [
            layers
            for layers in self._layers
            if not any(layer.beside for layer in layers)
            or self._in_layers("task_queues", layers) != ABSENT_VALUE
        ]
        if len(kept) in (0, len(self._layers)):
            return self
        return Configuration(
            kept, self.namespace, self._options, found=self.found, reader=self._reader
        )

    def task_queues(self) -> tuple[frozenset[str], bool]:
        """The names in `task_queues`, and whether they are all of them."""
        known = self.where_queues_are.setting("task_queues")
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
        known = self.setting("beat_schedule")
        if not isinstance(known, Known):
            return
        from flake8_celery.core.model.find_beat import beat_entries, beat_entry

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


def _is_name(place: Assigned | Link) -> bool:
    return isinstance(place, Assigned) and isinstance(place.value, ast.Name)


def _statement(place: Assigned) -> ast.stmt:
    return place.node if isinstance(place.node, ast.stmt) else ast.Expr(place.value)
