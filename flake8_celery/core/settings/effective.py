"""What holds for a task when it runs: its own option, its Task class's, or the settings'."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from flake8_celery.core.model.fact import ABSENT, Absent, Option
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.values.unknown import UNKNOWN, Unknown, Values
from flake8_celery.record import NamedTuple
from flake8_celery.tables.setting_values import VISIBILITY_TIMEOUTS
from flake8_celery.tables.task import FROM_CONFIG

if TYPE_CHECKING:
    from flake8_celery.core.settings.configuration import Configuration
    from flake8_celery.core.settings.queues import Kind

LATE: Final = "acks_late"


def effective(task: Task, name: str, model: Model) -> Values | Absent:
    """Every value that an option of a task may have: ABSENT if nothing gives it, or UNKNOWN.

    `model` is the linted module's. Annotations in the settings beat the task, so their presence
    makes everything UNKNOWN.
    """
    configuration = configuration_of(model, task)
    annotations = configuration.setting("task_annotations")
    if not isinstance(annotations, (Absent, Unknown)):
        return UNKNOWN
    option = task.option(name)
    if isinstance(option, Option):
        values = model.resolver.values(option.value, option.region)
        if isinstance(values, Unknown):
            return values
        if None not in values:
            return values
        if any(value is not None for value in values):
            return UNKNOWN
    elif option is not ABSENT:
        return UNKNOWN
    setting = FROM_CONFIG.get(name)
    if setting is None:
        return ABSENT
    if configuration.absent(setting):
        return ABSENT
    return configuration.values(setting)


def is_off(task: Task, name: str, model: Model) -> bool:
    """Tell whether an option that is off by default surely is off for a task."""
    values = effective(task, name, model)
    if isinstance(values, Unknown):
        return False
    return isinstance(values, Absent) or not any(values)


def is_on(task: Task, name: str, model: Model) -> bool:
    """Tell whether every value that an option may have for a task is true."""
    values = effective(task, name, model)
    return not isinstance(values, (Unknown, Absent)) and all(values)


def seconds(values: Values | Absent) -> Sequence[float]:
    """The values, if all are numbers above zero; else none."""
    if isinstance(values, (Unknown, Absent)):
        return ()
    found = [
        float(value)
        for value in values
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    ]
    return found if len(found) == len(values) else ()


class Visibility(NamedTuple):
    """How long a message may stay unacknowledged before the broker delivers it again."""

    seconds: float
    broker: Kind
    given: bool
    """By a setting; else it is the transport's default."""

    def __str__(self) -> str:
        how = "" if self.given else "by default "
        kind = self.broker.name if self.broker.known else f"with this broker, {self.broker.name}"
        return f"{how}{self.seconds:g} s ({kind})"


def visibility(configuration: Configuration) -> Visibility | None:
    """The visibility timeout of the broker, or None where there is none or it can't be told."""
    broker = configuration.broker
    if broker is None or broker.name not in VISIBILITY_TIMEOUTS:
        return None
    default = VISIBILITY_TIMEOUTS[broker.name]
    options = configuration.setting("broker_transport_options")
    if isinstance(options, Absent):
        return Visibility(default, broker, False)
    if isinstance(options, Unknown) or not options.sure:
        return None
    longest = 0.0
    given = False
    for change in options.changes:
        if change.how != "[]" or not isinstance(change.item, ast.Constant):
            return None
        if change.item.value == "visibility_timeout":
            return None
    for place in options.places:
        found = place.model.resolver.expression(place.value, place.region)
        if found is None:
            return None
        table, region = found
        value: ast.expr | None = None
        if isinstance(table, ast.Dict):
            for key, item in zip(table.keys, table.values, strict=True):
                if not isinstance(key, ast.Constant):
                    return None
                if key.value == "visibility_timeout":
                    value = item
        elif (
            isinstance(table, ast.Call)
            and isinstance(table.func, ast.Name)
            and table.func.id == "dict"
            and not table.args
        ):
            arguments = Arguments(table)
            if arguments.splat_keywords:
                return None
            value = arguments.get("visibility_timeout")
        else:
            return None
        if value is None:
            longest = max(longest, default)
            continue
        numbers = seconds(place.model.resolver.values(value, region))
        if not numbers:
            return None
        given = True
        longest = max(longest, *numbers)
    return Visibility(longest, broker, given) if longest else None
