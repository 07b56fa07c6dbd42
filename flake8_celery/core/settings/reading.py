"""Reads the configuration of an application, once for the process."""

from __future__ import annotations

import re
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
    if known is not None:
        if model.project.path not in known.stamps and all(
            files.stamp(path) == stamp for path, stamp in known.stamps.items()
        ):
            return known
    found = _read(model, where)
    if model.project.path not in found.stamps:
        configurations[key] = found
    return found


def _read(model: Model, where: Where) -> Configuration:
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


def _with_prefix(names: ScopeNames, prefix: str) -> ScopeNames:
    found = ScopeNames()
    if names.opaque:
        found.taint()
    for name in list(names.names):
        if name.startswith(prefix):
            found.set(name[1:], names.get(name))
    return found


def _elsewhere(model: Model, where: Where, reader: Reader) -> ScopeNames | None:
    """What the linted module itself sets on an application that it imports."""
    imported = model.module.region.bindings
    # `django.conf` is no configuration; only what is read off an imported name is worth a look
    read = set(re.findall(r"(\w+)\s*\.\s*conf", model.module.text)) - {"django"}
    if read.issubset(imported) and all(imported[name][0].how == "import" for name in read):
        imported = {name: imported[name] for name in read}
    names = frozenset(
        name
        for name, bindings in imported.items()
        if len(bindings) == 1
        and bindings[0].how == "import"
        and followed_application(model, bindings[0].target) == where
    )
    if not names:
        return None
    found = AppFlow(model, names, reader).run()
    reader.stamps[model.project.path] = None
    layer = ScopeNames()
    layer.join([ScopeNames(layer), _with_prefix(found, ":")])
    return layer
