"""Tasks as classes."""

from celery import Celery, Task

app = Celery("shop")


class Import(Task):
    """One method is what it is for."""

    name = "shop.import"

    def run(self, path, encoding="utf-8"):  # gone: arguments-differ, arguments-differ
        return path, encoding


class Any(Task):
    """Takes what it gets."""

    def run(self, *given, **named):  # gone: unused-argument, unused-argument
        return self.name


class Lazy(Task):
    """An argument of its own that is not read."""

    def run(self, path, depth):  # gone: arguments-differ, arguments-differ; stays: unused-argument
        return path


class Child(Import):
    """Changes what a class of the project has laid down."""

    def run(self, path):  # stays: arguments-differ
        return path


class Small:  # stays: too-few-public-methods
    """No task."""

    def run(self):
        return 1


app.register_task(Import())
