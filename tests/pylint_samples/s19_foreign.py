"""Decorators with the same names that are not Celery's."""


def task(**options):
    def decorate(function):
        print(options)
        return function

    return decorate


class Registry:
    """Another library."""

    def task(self, function):
        return function

    def connect(self, function):
        return function


app = Registry()
ready = Registry()


@task(bind=True)
def first(self, url):  # stays: unused-argument
    return url


@app.task
def second(self, url):  # stays: unused-argument
    return url


@ready.connect
def third(sender, **kwargs):  # stays: unused-argument, unused-argument
    return None


first("a")  # stays: no-value-for-parameter
second("a")  # stays: no-value-for-parameter
