"""Names that Celery 5 no longer has, and what to use instead.

Kept by hand; a test tries each with the installed Celery: the name must fail to import, the
replacement must import. A module stands for everything in it.
"""

from __future__ import annotations

from typing import Final

#: Dotted name of a module or of a name in one -> what to write instead.
REMOVED: Final[dict[str, str]] = {
    "celery.task": "celery.shared_task, or app.task",
    "celery.task.task": "celery.shared_task",
    "celery.task.periodic_task": "app.task and beat_schedule",
    "celery.task.Task": "celery.Task",
    "celery.task.PeriodicTask": "celery.Task and beat_schedule",
    "celery.task.base": "celery.Task",
    "celery.task.base.Task": "celery.Task",
    "celery.task.base.task": "celery.shared_task",
    "celery.task.base.periodic_task": "app.task and beat_schedule",
    "celery.task.base.PeriodicTask": "celery.Task and beat_schedule",
    "celery.task.chord": "celery.chord",
    "celery.task.group": "celery.group",
    "celery.task.subtask": "celery.signature",
    "celery.task.current": "celery.current_task",
    "celery.task.schedules": "celery.schedules",
    "celery.task.schedules.crontab": "celery.schedules.crontab",
    "celery.task.sets": "celery.group",
    "celery.task.sets.TaskSet": "celery.group",
    "celery.task.sets.subtask": "celery.signature",
    "celery.task.control": "app.control",
    "celery.task.control.inspect": "app.control.inspect",
    "celery.task.control.revoke": "app.control.revoke",
    "celery.task.control.discard_all": "app.control.purge",
    "celery.task.control.broadcast": "app.control.broadcast",
    "celery.task.control.ping": "app.control.ping",
    "celery.task.http": "a task that uses an HTTP client",
    "celery.task.trace": "celery.app.trace",
    "celery.decorators": "celery.shared_task",
    "celery.decorators.task": "celery.shared_task",
    "celery.decorators.periodic_task": "app.task and beat_schedule",
    "celery.log.get_task_logger": "celery.utils.log.get_task_logger",
    "celery.five": "Python 3's own names",
    "celery.datastructures": "celery.utils.collections",
    "celery.contrib.batches": "the package celery-batches",
    "celery.contrib.batches.Batches": "the package celery-batches",
    "celery.contrib.methods": "a function that takes the object's key",
    "celery.contrib.methods.task_method": "a function that takes the object's key",
    "celery.contrib.methods.task": "a function that takes the object's key",
    "celery.backends.amqp": "the rpc:// result backend",
    "celery.backends.amqp.AMQPBackend": "the rpc:// result backend",
    "celery.utils.encoding": "kombu.utils.encoding",
    "celery.utils.mail": "a handler of the task_failure signal",
    "celery.utils.mail.ErrorMail": "a handler of the task_failure signal",
    "celery.utils.timeutils": "celery.utils.time",
    "celery.utils.timeutils.rate": "celery.utils.time.rate",
    "celery.utils.timeutils.timezone": "celery.utils.time.timezone",
    "celery.worker.job": "celery.worker.request",
    "celery.worker.job.Request": "celery.worker.request.Request",
    "celery.concurrency.processes": "celery.concurrency.prefork",
    "celery.concurrency.processes.TaskPool": "celery.concurrency.prefork.TaskPool",
    "celery.bin.base.Command": "a click command",
    "celery.app.amqp.TaskProducer": "kombu.Producer",
    "celery.app_or_default": "celery.app.app_or_default",
}
