"""Names that Celery 5 still has for old code, and what to use instead.

Kept by hand; a test tries each with the installed Celery: the name and its replacement import.
"""

from __future__ import annotations

from typing import Final

#: Dotted name -> what to write instead.
DEPRECATED: Final[dict[str, str]] = {
    "celery.execute": "app.send_task",
    "celery.execute.send_task": "app.send_task",
    "celery.messaging": "app.amqp and app.connection",
    "celery.registry": "app.tasks",
    "celery.registry.tasks": "app.tasks",
    "celery.subtask": "celery.signature",
    "celery.canvas.subtask": "celery.canvas.signature",
    "celery.canvas.maybe_subtask": "celery.canvas.maybe_signature",
    "celery.exceptions.RetryTaskError": "celery.exceptions.Retry",
    "celery.exceptions.SystemTerminate": "celery.exceptions.WorkerTerminate",
    "celery.app.base.App": "celery.Celery",
    "celery.app.task.BaseTask": "celery.Task",
    "celery.signals.task_sent": "celery.signals.after_task_publish",
}
#: Task option -> what to write instead.
DEPRECATED_OPTIONS: Final[dict[str, str]] = {
    "acks_on_failure_or_timeout": "acks_on_failure and acks_on_timeout",
}
#: Setting -> what to write instead.
DEPRECATED_SETTINGS: Final[dict[str, str]] = {
    "task_acks_on_failure_or_timeout": "task_acks_on_failure and task_acks_on_timeout",
}
