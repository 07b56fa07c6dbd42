"""Dotted names of Celery's own classes, applications and decorators, and of what looks like it."""

from __future__ import annotations

from typing import Final

#: Libraries of background tasks that are not Celery and look like it.
FOREIGN: Final = frozenset(
    [
        "aio_celery",
        "apscheduler",
        "arq",
        "asgi_tasks",
        "django_q",
        "django_rq",
        "django_tasks",
        "dramatiq",
        "fabric",
        "faust",
        "flytekit",
        "huey",
        "invoke",
        "luigi",
        "nox",
        "prefect",
        "procrastinate",
        "qtasks",
        "repid",
        "rocketry",
        "rq",
        "saq",
        "streaq",
        "taskiq",
        "taskiq_redis",
        "taskqueue",
        "taskflow",
        "uwsgidecorators",
    ]
)
SHARED: Final = frozenset(
    {
        "celery.shared_task",
        "celery.app.shared_task",
        "celery.task",
        "celery.task.task",
        "celery.task.periodic_task",
        "celery.task.base.task",
        "celery.decorators.task",
        "celery.decorators.periodic_task",
    }
)
CELERY_CLASSES: Final = frozenset(
    {"celery.Celery", "celery.app.Celery", "celery.app.base.Celery", "celery.App"}
)
TASK_CLASSES: Final = frozenset(
    {
        "celery.Task",
        "celery.app.Task",
        "celery.app.task.Task",
        "celery.task.Task",
        "celery.task.base.Task",
        "celery.contrib.django.task.DjangoTask",
    }
)
CURRENT_APPS: Final = frozenset(
    {"celery.current_app", "celery._state.current_app", "celery.app.default_app"}
)
HARMLESS_BASES: Final = frozenset(
    {"object", "abc.ABC", "typing.Generic", "Generic", "ABC", "typing.Protocol"}
)
_APP_NAMES: Final = frozenset({"app", "celery", "celery_app", "cel", "capp"})


def is_app_like(name: str) -> bool:
    """Tell whether an application is usually called so."""
    bare = name.strip("_").lower()
    return bare in _APP_NAMES or bare.endswith(("_app", "celery", "capp"))
