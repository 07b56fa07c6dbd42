"""Which pools run the tasks of an application."""

from __future__ import annotations

from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.values.unknown import Unknown

POOLS: Final = frozenset(
    {"prefork", "processes", "gevent", "eventlet", "threads", "solo", "custom"}
)


def pools(model: Model, task: Task | None = None) -> frozenset[str]:
    """Every pool that may run it, by `celery-pool` or the settings; empty where unclear."""
    if model.options.celery_pool:
        return frozenset(model.options.celery_pool)
    values = configuration_of(model, task).values("worker_pool")
    if isinstance(values, Unknown):
        return frozenset()
    known = {value for value in values if isinstance(value, str) and value in POOLS}
    return frozenset(known) if len(known) == len(values) else frozenset()
