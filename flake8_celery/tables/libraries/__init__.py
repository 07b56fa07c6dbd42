"""Libraries that stand beside Celery: what each changes, kept by hand, one module a library.

Each module holds one `LIBRARY`: the version that was read and run, and what of it meets a rule. No
library is ever imported, installed or not: a table is found by the dotted name that the source
imports. A module is loaded when a file first names its package.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flake8_celery.tables.libraries.shapes import (
        AppClass,
        Database,
        Foreign,
        Library,
        Scheduler,
        TaskBase,
    )

#: Each top-level package, and the module here that describes it.
MODULES: Final[Mapping[str, str]] = {
    "celery_aio_pool": "aio_pool",
    "celery_batches": "batches",
    "celery_heimdall": "heimdall",
    "celery_longterm_scheduler": "longterm_scheduler",
    "celery_mongobeat": "mongobeat",
    "celery_once": "once",
    "celery_once_task": "once_task",
    "celery_pydantic": "pydantic_serializer",
    "celery_signals": "signal_receivers",
    "celery_singleton": "singleton",
    "celery_sqlalchemy_scheduler": "sqlalchemy_scheduler",
    "celery_typed": "typed",
    "django": "django_tasks",
    "django_beat_periodic": "beat_periodic",
    "django_celery_beat": "django_celery_beat",
    "django_celery_boost": "django_celery_boost",
    "django_celery_extensions": "django_celery_extensions",
    "django_tasks": "django_tasks",
    "dramatiq": "other_queues",
    "flask_celeryext": "flask_celeryext",
    "procrastinate": "other_queues",
    "redbeat": "redbeat",
    "sentry_sdk": "sentry",
    "taskiq": "other_queues",
    "taskiq_redis": "other_queues",
    "tenant_schemas_celery": "tenant_schemas",
}


@cache
def _library(module: str) -> Library:
    found: Library = importlib.import_module(f"{__name__}.{module}").LIBRARY
    return found


def library_of(name: str | None) -> Library | None:
    """The library that a dotted name lies in, or None."""
    module = MODULES.get(name.partition(".")[0]) if name else None
    return _library(module) if module is not None else None


def task_base(name: str | None) -> TaskBase | None:
    """The Task class with this dotted name."""
    library = library_of(name)
    for base in library.bases if library is not None else ():
        if name in base.paths:
            return base
    return None


def app_class(name: str | None) -> AppClass | None:
    """The class or function with this dotted name that makes an application."""
    library = library_of(name)
    for made in library.applications if library is not None else ():
        if name in made.paths:
            return made
    return None


#: Short names by which packages register their schedulers (`celery.beat_schedulers`).
_ALIASES: Final = {"django": "django_celery_beat.schedulers.DatabaseScheduler"}


def scheduler(name: str | None) -> Scheduler | None:
    """The scheduler that `beat_scheduler` names, written with a colon or a dot."""
    dotted = _ALIASES.get(name, name).replace(":", ".") if name else None
    library = library_of(dotted)
    for one in library.schedulers if library is not None else ():
        if dotted in one.paths:
            return one
    return None


def database(name: str | None) -> Database | None:
    """The class with this dotted name whose objects are entries or schedules of beat."""
    library = library_of(name)
    for model in library.models if library is not None else ():
        if name in model.paths:
            return model
    return None


def foreign(name: str | None) -> Foreign | None:
    """What the decorator with this dotted name makes, which is no task of Celery's."""
    library = library_of(name)
    for made in library.foreign if library is not None else ():
        if name in made.paths:
            return made
    return None


#: The first word of a library's settings, and its package.
_SETTINGS: Final = {
    "redbeat": "redbeat",
    "singleton": "celery_singleton",
    "heimdall": "celery_heimdall",
}


def library_settings(word: str) -> frozenset[str]:
    """The settings whose names begin with this word, in lower case; none for any other word."""
    library = library_of(_SETTINGS.get(word))
    return library.settings if library is not None else frozenset()


def makes_tasks(name: str | None) -> bool:
    """Tell whether a decorator makes a plain task, whatever options of its own it takes."""
    library = library_of(name)
    return library is not None and name in library.makes


def hides_tasks(name: str | None) -> bool:
    """Tell whether a decorator makes a plain function of a task that it stands above."""
    library = library_of(name)
    return library is not None and name in library.hides


def registers_types(name: str | None) -> bool:
    """Tell whether calling this lets JSON, or what takes its place, carry further types."""
    library = library_of(name)
    return library is not None and name in library.serializers
