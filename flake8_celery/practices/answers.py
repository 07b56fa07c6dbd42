"""One thing about a task: its value when it runs, where that comes from, or why that is unknown."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from typing import Final, NamedTuple

from flake8_celery.core.model.fact import ABSENT, Option
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.settings.configuration import Configuration, Known
from flake8_celery.core.values.unknown import Environment, Unknown
from flake8_celery.tables.task import FROM_CONFIG

OWN: Final = "own"
BASE: Final = "Task class"
SETTINGS: Final = "settings"
DEFAULT: Final = "default"
UNKNOWN: Final = "unknown"
NO_APP: Final = "no application is in sight (celery-app names it)"


class Answer(NamedTuple):
    """One thing about a task: its value, and where that comes from."""

    value: object
    source: str
    reason: str = ""
    """Why it is unknown."""

    @property
    def known(self) -> bool:
        """Whether it can be told."""
        return self.source != UNKNOWN


def option_of(task: Task, name: str, model: Model, configuration: Configuration) -> Answer:
    """An option of a task as it is when it runs, and where it comes from."""
    if isinstance(configuration.setting("task_annotations"), Known):
        return Answer(None, UNKNOWN, "task_annotations in the settings may change it")
    given = task.option(name)
    if isinstance(given, Option):
        answer = value_of(given, model)
        if not answer.known or answer.value is not None or name not in FROM_CONFIG:
            return answer
    elif given is not ABSENT:
        return Answer(None, UNKNOWN, why(task))
    setting = FROM_CONFIG.get(name)
    if setting is None:
        return Answer(None, DEFAULT)
    if not configuration.found:
        return Answer(None, UNKNOWN, f"{NO_APP}, its settings may give it")
    if configuration.absent(setting):
        return Answer(None, DEFAULT)
    values = configuration.values(setting)
    if isinstance(values, Unknown):
        return _unread_setting(setting, values, configuration)
    if len(values) != 1:
        return Answer(None, UNKNOWN, f"the setting {setting} is one of {_shown(values)}")
    return Answer(plain(values[0]), SETTINGS)


def value_of(given: Option, model: Model) -> Answer:
    values = model.resolver.values(given.value, given.region)
    if isinstance(values, Unknown):
        return _unread(values, f"{given.name}={ast.unparse(given.value)[:40]}")
    if len(values) != 1:
        return Answer(None, UNKNOWN, f"{given.name} is one of {_shown(values)}")
    own = not given.inherited
    return Answer(plain(values[0]), OWN if own else BASE)


def _unread(values: Unknown, what: str) -> Answer:
    if isinstance(values, Environment):
        return Answer(None, UNKNOWN, f"{what} is read from the environment")
    return Answer(None, UNKNOWN, f"{what} can't be told from source")


def _unread_setting(key: str, values: Unknown, configuration: Configuration) -> Answer:
    known = configuration.setting(key)
    if not isinstance(known, Known):
        return Answer(None, UNKNOWN, unreadable(key, configuration))
    if known.places:
        return _unread(values, f"{key} = {ast.unparse(known.places[0].value)[:60]}")
    return _unread(values, f"the setting {key}")


def unreadable(key: str, configuration: Configuration) -> str:
    """Why nothing can be said of a setting."""
    for trouble in configuration.troubles:
        return f"the settings can't all be read: {os.path.basename(trouble.path)}, {trouble.why}"
    known = configuration.setting(key)
    if isinstance(known, Known) and not known.sure:
        ways = "under a condition, or in one of several settings modules (celery-config names one)"
        return f"{key} is given {ways}"
    if isinstance(known, Known):
        return f"{key} can't be told from source"
    return f"whether the settings give {key} can't be told from source"


def why(task: Task) -> str:
    if isinstance(task.splatted(), Unknown):
        return "its decorator may give more than can be read"
    return "its Task class can't be read"


def _shown(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)[:60]


def plain(value: object) -> object:
    """A value that JSON can hold."""
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
