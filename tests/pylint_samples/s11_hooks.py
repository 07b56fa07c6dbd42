"""Methods that Celery calls when something happens to a task."""

from celery import Task


class Hooked(Task):  # gone: abstract-method
    """Tells of everything."""

    def on_failure(self, exc, task_id, args, kwargs, einfo):  # gone?: too-many-arguments, too-many-positional-arguments
        print(exc)

    def on_success(self, retval, task_id, args, kwargs):
        print(retval)

    def after_return(self, status, retval, task_id, args, kwargs, einfo):  # gone: too-many-arguments, too-many-positional-arguments
        print(status)

    def on_everything(self, exc, task_id, args, kwargs, einfo, more):  # stays: too-many-arguments, too-many-positional-arguments, unused-argument, unused-argument, unused-argument, unused-argument, unused-argument
        print(exc)
