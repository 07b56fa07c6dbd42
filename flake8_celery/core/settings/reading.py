"""Reads the configuration of an application, once for the process."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.model.fact import Application
from flake8_celery.core.model.model import Model
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.settings.application import AppFlow
from flake8_celery.core.settings.configuration import Configuration
from flake8_celery.core.settings.names import ScopeNames
from flake8_celery.core.settings.queues import declared
from flake8_celery.core.settings.sources import (
    Layer,
    Reader,
    given_sources,
    guess,
    namespace,
    opaque,
    sources,
)
from flake8_celery.core.settings.which_app import (
    NO_APPLICATION,
    UNCLEAR,
    Where,
    followed_application,
)
from flake8_celery.core.syntax.search import Search
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Slot

_CONFIGURATIONS: Final[Slot[dict[object, Configuration]]] = Slot(dict)
"""Of all files, by the application and the options that it was read with."""
#: What a configuration depends on.
_OPTIONS: Final = (
    *("root", "celery_app", "celery_config", "celery_source_roots", "celery_target_version"),
    *("celery_queues", "celery_worker_commands", "celery_broker", "celery_backend"),
)


def cached(model: Model, where: Where) -> Configuration:
    """The configuration of an application, read anew where a file that it comes from changed."""
    files = current_files()
    options = model.project.options
    given = tuple(getattr(options, name) for name in _OPTIONS)
    key = (where, given, root_of(model.project.folder))
    configurations = _CONFIGURATIONS.of(files.notes)
    known = configurations.get(key)
    # what this module sets itself holds, whichever was asked for first
    own = _configured_here(model, where)
    if known is not None and not own:
        if model.project.path not in known.stamps and all(
            files.stamp(path) == stamp for path, stamp in known.stamps.items()
        ):
            return known
    found = _read(model, where, own)
    if model.project.path not in found.stamps:
        configurations[key] = found
    return found


def _read(model: Model, where: Where, own: frozenset[str]) -> Configuration:
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
    found = bare = False
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
        loaded = sources(names, reader)
        if not names.names:
            loaded = _by_others(model, home, where, reader)
            bare = loaded == [[]]
        if model is not home and own:
            app_layers.insert(0, Layer(_elsewhere(model, own, reader), own=True))
    if options.celery_config:
        loaded, bare = [[Layer(given_sources(project, reader, options))]], False
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
    return Configuration(
        layers, prefix, options, found=found, reader=reader, declared=queues, bare=bare
    )


_CONFIGURES: Final = Search(r"\bconfig_from_|\badd_defaults\(", ("config_from_", "add_defaults("))


def _configures(name: str, text: str) -> bool:
    """Whether a text configures an application that is called `name`, or as many are."""
    return _CONFIGURES.found(text) or any(
        holder == name or holder.endswith(("app", "celery")) for holder in _named_before(text)
    )


def _by_others(model: Model, home: Model, where: Where, reader: Reader) -> list[list[Layer]]:
    """What configures an application that its own module gives nothing.

    Nothing, where no module in reach does; else it can't be told.
    """
    near = [model, *(facts.outlined for facts in model.app_modules())]
    texts = [text for one in near for text in (one.module.text, *one.texts_in_reach())]
    if any(_configures(where.name, text) for text in (*texts, *_importers(home, where))):
        return opaque()
    path = home.project.locate("celeryconfig")
    layer = reader.names(path) if path is not None else None
    return [[Layer(layer)]] if layer is not None else [[]]


def _importers(home: Model, where: Where) -> Iterator[str]:
    """The texts of what stands beside the application, and of the scripts at the root.

    Beside it: the modules of its package and of the one around it, and the packages in both.
    """
    files = current_files()
    own = os.path.dirname(where.path)
    around = os.path.dirname(own)
    packages = [own]
    if files.is_file(os.path.join(around, "__init__.py")):
        packages.append(around)
    paths = [
        os.path.join(folder, name)
        for folder in sorted({*packages, root_of(home.project.folder) or own})
        for name in files.modules_in(folder)[:_MAX_BESIDE]
    ]
    for folder in packages:
        inner = files.subfolders(folder)[:_MAX_PACKAGES]
        paths += [os.path.join(path, "__init__.py") for path in inner]
    for path in paths:
        text = files.text(path)
        if "elery" in text or ".conf" in text:
            yield text


_MAX_BESIDE: Final = 20
_MAX_PACKAGES: Final = 60


def _is_plain(application: Application, home: Model) -> bool:
    """Whether the module itself builds it, at its top: no factory may have configured it."""
    return (
        application.known
        and application.home is home.module
        and application.region is not None
        and application.region.scope is home.module.region
    )


def _with_prefix(names: ScopeNames, prefix: str) -> ScopeNames:
    found = ScopeNames()
    if names.opaque:
        found.taint()
    for name in list(names.names):
        if name.startswith(prefix):
            found.set(name[1:], names.get(name))
    return found


def _configured_here(model: Model, where: Where) -> frozenset[str]:
    """The names under which a module imports the application, where it says `name.conf`."""
    if ".conf" not in model.module.text or where in (UNCLEAR, NO_APPLICATION):
        return frozenset()
    imported = model.module.region.bindings
    return frozenset(
        name
        for name in _named_before(model.module.text)
        if len(imported.get(name, ())) == 1
        and imported[name][0].how == "import"
        and followed_application(model, imported[name][0].target) == where
    )


def _named_before(text: str) -> Iterator[str]:
    """The names that a text says `.conf` behind; what is looked for is the dot, as it is rare."""
    for found in re.finditer(r"\.\s*conf\b", text):
        before = re.search(r"(\w+)\s*$", text[max(0, found.start() - 100) : found.start()])
        if before is not None:
            yield before[1]


def _elsewhere(model: Model, names: frozenset[str], reader: Reader) -> ScopeNames:
    """What the linted module itself sets on an application that it imports."""
    found = AppFlow(model, names, reader).run()
    reader.stamps[model.project.path] = None
    layer = ScopeNames()
    layer.join([ScopeNames(layer), _with_prefix(found, ":")])
    return layer
