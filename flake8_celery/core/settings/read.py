"""The configuration that holds for a module or a task: the door, which costs nothing to open.

What reads a configuration is imported when the first is asked for: few rules of most files do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Slot
from flake8_celery.tables.settings import SETTINGS

if TYPE_CHECKING:
    from flake8_celery.core.model.stated import Setting, UnknownSetting
    from flake8_celery.core.settings.configuration import Configuration
    from flake8_celery.core.settings.which_app import Where

_FOUND: Final[Slot[dict[Where, Configuration]]] = Slot(dict)
"""Of a module, by application."""


def configuration_of(model: Model, task: Task | None = None) -> Configuration:
    """The configuration that holds for a module, or for one task of it.

    Where it is unclear which application that is, one with `found` false: all is UNREADABLE.
    Cached for the process; a file that changes is read anew. Never raises on what it reads.
    """
    from flake8_celery.core.settings.reading import cached
    from flake8_celery.core.settings.which_app import where_of

    where = where_of(model, task)
    known = _FOUND.of(model.notes)
    if where in known:
        return known[where]
    found = cached(model, where)
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
