from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    import contextlib
    import functools
    from unittest import mock

    from celery import Celery, shared_task
    from django.db import transaction

    app = Celery("shop", broker="memory://")
    ran = []

    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            ran.append("logged")
            return function(*args, **kwargs)
        return wrapper

    def named(name):
        return logged

    def noted(name):
        def decorate(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
        return decorate

    def kept(function):
        ran.append(function)
        return function

    def passing(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        wrapper.delay = function.delay
        return wrapper

    @contextlib.contextmanager
    def within():
        yield

    {above}
    @{made}
    def close_day(day): ...

    def close(day):
        return close_day.delay(day)
    """


@pytest.mark.parametrize("made", ["app.task", "shared_task"])
@pytest.mark.parametrize(
    "above",
    [
        "@transaction.atomic",
        "@transaction.atomic()",
        "@logged",
        "@noted('x')",
        "@within()",
        "@functools.lru_cache",
        "@mock.patch('os.getcwd')",
        "@kept\n    @logged",
    ],
)
def test_plain(proof: Proof, above: str, made: str) -> None:
    module = proof.bad(SOURCE.format(above=above, made=made))
    with pytest.raises(AttributeError, match="delay"):
        module.close(1)


def test_worker_runs_what_is_below(proof: Proof) -> None:
    source = SOURCE.format(above="@logged", made="app.task(name='close_day')")
    module = proof.bad(source)
    module.app.tasks["close_day"].apply((1,))
    assert module.ran == []


@pytest.mark.parametrize("above", ["", "@kept", "@passing"])
def test_task(proof: Proof, above: str) -> None:
    assert proof.good(SOURCE.format(above=above, made="app.task")).close(1).id


def test_below(proof: Proof) -> None:
    source = SOURCE.format(above="", made="app.task\n    @transaction.atomic\n    @logged")
    assert proof.good(source).close(1).id
