"""The shapes of the tables: what a library may say of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flake8_celery.record import NamedTuple

ARGUMENTS: Final = "arguments"
"""The function gets the message's arguments, as Celery gives them."""
REQUESTS: Final = "requests"
"""The function gets one list of all messages that were gathered."""
REORDERED: Final = "reordered"
"""The function gets the arguments in another order."""

NOTHING: Final[frozenset[str]] = frozenset()


class Table(NamedTuple):
    """A task option that is a dict: its keys, and those among them that a call may give too."""

    keys: frozenset[str]
    calls: frozenset[str] = NOTHING
    parameters: str = ""
    """The key whose value lists parameters of the task."""


class TaskBase(NamedTuple):
    """A Task class: what it adds to Celery's own, and what of Celery's it changes.

    What it overrides and hands on unchanged is not said: rules hold there as they do for Celery.
    """

    paths: tuple[str, ...]
    options: frozenset[str] = NOTHING
    """Task options that it adds."""
    tables: Mapping[str, Table] = {}
    """Those of its options that are dicts."""
    parameters: str = ""
    """The option whose value lists parameters of the task."""
    adds: frozenset[str] = NOTHING
    """Further attributes and methods."""
    replaces: frozenset[str] = NOTHING
    """Celery's methods that do something else here."""
    body: str = ARGUMENTS
    checked: bool = True
    """Arguments are held against the parameters where the message is sent."""
    keeps_eta: bool = False
    """A message with an eta waits outside the broker, unchecked."""
    retries: str = ""
    """Why a retry never runs; empty where it does. With `retries_if` only where that is set."""
    retries_if: tuple[str, str] = ("", "")
    """The option and the key of it that make `retries` true."""
    no_options: frozenset[str] = NOTHING
    """Options of Celery's, on the task or a call, that have no effect here."""
    no_results: bool = False
    """No result is ever stored."""
    plain_json: bool = False
    """Arguments go through Python's own json, which knows less than kombu's."""
    positional: int | None = None
    """How many positional arguments `apply_async` takes, where they are fewer than Celery's."""
    settings: tuple[str, ...] = ()
    """Names of a setting of which one is needed: without it each send raises."""
    hooks: frozenset[str] = NOTHING
    """Methods that it needs: one that overrides them must call `super()`, or the lock stays."""


class AppClass(NamedTuple):
    """A class, or with `factory` a function, that makes an application."""

    paths: tuple[str, ...]
    base: str = ""
    """The dotted name of its Task class; empty for Celery's own."""
    factory: bool = False
    """Its arguments are not Celery's, and the settings come from somewhere else."""
    attribute: str = ""
    """The attribute that holds the application, where what is made is an extension."""


class Scheduler(NamedTuple):
    """A scheduler of beat: what it takes of an entry in `beat_schedule`."""

    paths: tuple[str, ...]
    shown: str
    keys: frozenset[str]
    """Keys beside task, schedule, args, kwargs and options."""
    unknown: str
    """What becomes of an entry with another key."""
    lost: Mapping[str, str] = {}
    """Keys that it takes and drops, and what to write."""
    options: frozenset[str] | None = None
    """Options that reach the message; None for all."""
    hints: Mapping[str, str] = {}
    """What to write for an option that it drops or reads in its own way."""
    whole_seconds: bool = False
    """A schedule below one second becomes zero, which is always due."""
    refused: frozenset[str] = NOTHING
    """Kinds of schedules (the function's name) that it can't keep."""


class Database(NamedTuple):
    """A class whose objects are entries or schedules that beat reads from a store."""

    paths: tuple[str, ...]
    kind: str
    """`entry`, `crontab`, `interval`, `solar`, `clocked` or `changes`."""
    parameters: tuple[str, ...] = ()
    """Its positional parameters, for a class that is no Django model."""
    keywords: frozenset[str] = NOTHING
    """All keywords that it takes, where an unknown one raises where it stands."""
    is_model: bool = True


class Foreign(NamedTuple):
    """A decorator whose result is no task of Celery's."""

    paths: tuple[str, ...]
    what: str
    instead: str
    """How it is sent."""
    has: frozenset[str] = NOTHING
    """Methods that have the names of Celery's all the same."""


class Library(NamedTuple):
    """All that is known of one library."""

    package: str
    version: str
    bases: tuple[TaskBase, ...] = ()
    applications: tuple[AppClass, ...] = ()
    schedulers: tuple[Scheduler, ...] = ()
    models: tuple[Database, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    serializers: frozenset[str] = NOTHING
    """Functions that let further types be sent."""
    settings: frozenset[str] = NOTHING
    """Its settings, in lower case."""
    pools: frozenset[str] = NOTHING
    """Pools that run coroutine functions."""
    hides: frozenset[str] = NOTHING
    """Decorators that make a plain function of a task that they stand above."""
    makes: frozenset[str] = NOTHING
    """Decorators that make a task of the current application."""
