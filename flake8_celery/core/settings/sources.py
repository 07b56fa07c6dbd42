"""The modules, classes and mappings that an application loads its settings from."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.project.files import MAX_FILE, current_files
from flake8_celery.core.project.locate import Project
from flake8_celery.core.settings.names import (
    UNREADABLE_VALUE,
    Assigned,
    Held,
    Link,
    ScopeNames,
)
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.elsewhere import loaded_classes, settings_modules
from flake8_celery.core.values.read import read
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS

MAX_SETTINGS_BESIDE: Final = 20
_DJANGO: Final = frozenset({"django.conf:settings", "django.conf.settings"})


class Trouble(NamedTuple):
    """A file that should be read and can't be."""

    path: str
    why: str


class Layer(NamedTuple):
    """One mapping that Celery looks a setting up in."""

    names: ScopeNames
    upper_only: bool = False
    added: bool = False
    """By `add_defaults`."""
    own: bool = False
    """Set on the application; else loaded."""
    beside: bool = False
    """A settings module that nothing names; it stands beside one that is named."""


class Reader:
    """Reads the modules that a configuration comes from, each once; remembers what it read.

    `model` is the linted module's own: its buffer counts, not what is on the disk.
    """

    def __init__(self, project: Project, model: Model | None) -> None:
        self.project = project
        self.model = model
        self.troubles: list[Trouble] = []
        self.stamps: dict[str, object] = {}
        self.loaded: set[str] = set()
        """The modules whose names are settings, star imports included."""
        self.classes: dict[ast.ClassDef, ScopeNames] = {}
        """The classes used as a configuration."""
        self.django = False
        """Django's settings are among the sources."""
        self._names: dict[str, ScopeNames | None] = {}

    def module(self, path: str) -> Model | None:
        """The facts of a module; None, with a trouble noted, where it can't be read."""
        files = current_files()
        stamp = files.stamp(path)
        self.stamps[path] = stamp
        if self.model is not None and path == self.model.project.path:
            return self.model
        if stamp is None:
            return None
        there = read(self.project, path)
        if there is not None:
            return facts_of(there).model
        if stamp.size > MAX_FILE:
            why = f"it is larger than {MAX_FILE // 1_000_000} MB"
        else:
            try:
                files.parse(files.read(path))
                why = "it is nested too deeply"
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
            current_files().failures.setdefault(path, text)

    def names(self, path: str) -> ScopeNames | None:
        """What the names of a module hold at its end; it is one that settings are read from."""
        self.loaded.add(path)
        return self.held(path, self.names)

    def peek(self, path: str) -> ScopeNames | None:
        """What the names of any other module hold at its end."""
        return self.held(path, self.peek)

    def held(self, path: str, read: Callable[[str], ScopeNames | None]) -> ScopeNames | None:
        """The names of a module; `read` gives those of the modules that it takes all from."""
        if path in self._names:
            return self._names[path]
        self._names[path] = None  # modules that import each other end here
        model = self.module(path)
        if model is not None:
            from flake8_celery.core.settings.scope import ScopeFlow

            self._names[path] = ScopeFlow(model, model.module.region, read).run()
        return self._names[path]

    def linked(self, link: Link) -> Held:
        """What an imported name stands for in the module it comes from."""
        module, _, name = link.target.rpartition(".")
        if link.target.startswith(".") and not module.strip("."):
            module = link.target[: len(link.target) - len(name)]
        path = link.model.project.locate(module) if module else None
        names = self.peek(path) if path is not None else None
        return names.get(name) if names is not None else UNREADABLE_VALUE

    def class_at(self, model: Model, node: ast.ClassDef, region: Region) -> ScopeNames:
        """The attributes of a class used as a configuration."""
        if node not in self.classes:
            from flake8_celery.core.settings.scope import class_names

            self.classes[node] = class_names(model, node, region, self.peek)
        return self.classes[node]


def namespace(names: ScopeNames) -> str | Unknown | None:
    value = names.get("namespace")
    if value.unreadable:
        return UNKNOWN
    found: set[object] = {None} if value.absent else set()
    for place in value.places:
        if not isinstance(place, Assigned):
            return UNKNOWN
        values = place.model.resolver.values(place.value, place.region)
        if isinstance(values, Unknown):
            return UNKNOWN
        found |= set(values)
    if len(found) != 1:
        return UNKNOWN
    only = found.pop()
    return only if isinstance(only, str) or only is None else UNKNOWN


def sources(names: ScopeNames, reader: Reader) -> list[list[Layer]]:
    """What the application may load: each possibility as layers."""
    value = names.get("source")
    if value.unreadable:
        opaque = ScopeNames()
        opaque.taint()
        return [[Layer(opaque)]]
    found: list[list[Layer]] = [[]] if value.absent else []
    for place in value.places:
        assert isinstance(place, Assigned)
        found += _source(place, reader)
    return found or [[]]


def opaque() -> list[list[Layer]]:
    names = ScopeNames()
    names.taint()
    return [[Layer(names)]]


def _source(place: Assigned, reader: Reader) -> list[list[Layer]]:
    from flake8_celery.core.settings.scope import expression_names

    model, node, region = place.model, place.value, place.region
    table = expression_names(model, node, region)
    if table is not None:
        return [[Layer(table)]]
    values = model.resolver.values(node, region)
    if not isinstance(values, Unknown):
        layers: list[list[Layer]] = []
        for target in values:
            layers += _named_source(target, model, reader) if isinstance(target, str) else opaque()
        return layers
    name = model.resolver.qualname(node, region)
    if name is not None and name in _DJANGO:
        return _django(model, reader)
    if name is not None:
        path = model.project.locate(name)
        if path is not None:
            found = reader.names(path)
            return [[Layer(found)]] if found is not None else opaque()
        return _attribute_source(name, model, reader)
    instance = isinstance(node, ast.Call) and not node.args and not node.keywords
    cls = node.func if instance and isinstance(node, ast.Call) else node
    definition = model.resolver.definition(cls, region)
    if definition is not None and isinstance(definition[0], ast.ClassDef):
        if instance and "__init__" in model.candidates.scopes[definition[0]].bindings:
            return opaque()
        return [[Layer(reader.class_at(model, definition[0], definition[1]))]]
    return opaque()


def _named_source(target: str, model: Model, reader: Reader) -> list[list[Layer]]:
    if target in _DJANGO:
        return _django(model, reader)
    if ":" in target:
        return _attribute_source(target.replace(":", ".", 1), model, reader)
    path = model.project.locate(target)
    if path is not None:
        names = reader.names(path)
        return [[Layer(names)]] if names is not None else opaque()
    return _attribute_source(target, model, reader)


def _attribute_source(target: str, model: Model, reader: Reader) -> list[list[Layer]]:
    """`module.Class`, `module.module_object` or `module.dict`."""
    found = model.find(target)
    if found is None:
        return opaque()
    other = reader.module(found[0].project.path)
    bindings = other.module.region.bindings.get(found[1]) if other is not None else None
    if other is None or not bindings or len(bindings) != 1:
        return opaque()
    node = bindings[0].node
    if isinstance(node, ast.ClassDef):
        return [[Layer(reader.class_at(other, node, bindings[0].scope))]]
    if bindings[0].value is not None:
        from flake8_celery.core.settings.scope import expression_names

        table = expression_names(other, bindings[0].value, bindings[0].scope)
        if table is not None:
            return [[Layer(table)]]
    return opaque()


def _django(model: Model, reader: Reader) -> list[list[Layer]]:
    """Django's settings: the modules that entry points name, and those beside them."""
    reader.django = True
    modules, classes = settings_modules(model.project)
    paths: dict[str, None] = {}
    named: set[str] = set()
    layers: list[list[Layer]] = []
    for module in modules:
        path = model.project.locate(module)
        if path is None:
            layers = opaque()  # the others are read all the same: what is likely rests on them
            continue
        paths[path] = None
        named.add(path)
        paths.update(dict.fromkeys(_alternatives(path)))
    for path in paths:
        other = reader.module(path)
        if other is None:
            layers += opaque()
            continue
        loaded = classes or loaded_classes(other.resolver)
        names = reader.names(path)
        if loaded:
            found = other.module.region.bindings.get(loaded[0])
            if len(loaded) > 1 or not found or not isinstance(found[0].node, ast.ClassDef):
                layers += opaque()
                continue
            names = reader.class_at(other, found[0].node, found[0].scope)
        beside = path not in named
        layers += [[Layer(names, True, beside=beside)]] if names is not None else opaque()
    return layers or opaque()


def _alternatives(path: str) -> Iterator[str]:
    """Settings modules beside this one that another environment may name instead."""
    folder, own = os.path.split(path)
    files = current_files()
    among = "settings" in os.path.basename(folder).lower()
    if own == "__init__.py":
        return
    for name in files.modules_in(folder)[: MAX_SETTINGS_BESIDE * 10]:
        if name == own or not (among or "settings" in name.lower()) or "test" in name.lower():
            continue
        other = os.path.join(folder, name)
        text = files.text(other)
        if "import *" in text or "INSTALLED_APPS" in text:
            yield other


def given_sources(project: Project, reader: Reader, options: Options) -> ScopeNames:
    """The modules of `celery-config`, the later over the earlier."""
    names = ScopeNames()
    base = project.base()
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
        names.overlay(other)
    return names


def guess(names: ScopeNames) -> str | Unknown | None:
    """The namespace of modules that no application in sight loads."""
    if any(name in SETTINGS for name in names.names):
        return None
    for name in names.names:
        bare = name.removeprefix("CELERY_").lower()
        if name.startswith("CELERY_") and bare in SETTINGS and name not in OLD_NAMES:
            return "CELERY"
    return UNKNOWN
