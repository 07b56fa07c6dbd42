from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    import functools
    from celery import shared_task

    ran = []

    def timed(function):
        {wraps}
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper

    def times(count):
        def decorate(function):
            {inner}
            def repeated(*args):
                return [function(*args) for _ in range(count)]
            return repeated
        return decorate

    @shared_task
    @timed
    def charge():
        return "charge"

    @shared_task
    @timed
    def refund():
        return "refund"

    @shared_task
    @times(2)
    def call():
        return "call"

    @shared_task
    @times(3)
    def write():
        return "write"
    """


@pytest.mark.filterwarnings("ignore:Task name")
def test_two_tasks_are_one(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(wraps="", inner=""), count=4)
    assert module.charge.name == module.refund.name == f"{module.__name__}.wrapper"
    with proof.worker():
        first, second = (proof.finish(t.delay())[1] for t in (module.charge, module.refund))
    assert first == second


def test_good(proof: Proof) -> None:
    source = SOURCE.format(wraps="@functools.wraps(function)", inner="@functools.wraps(function)")
    module = proof.good(source)
    with proof.worker():
        assert proof.finish(module.charge.delay()) == ("SUCCESS", "charge")
        assert proof.finish(module.refund.delay()) == ("SUCCESS", "refund")


def test_names_and_single_tasks_are_right(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        def timed(function):
            def wrapper(*args):
                return function(*args)
            return wrapper

        def registered(function):
            names.append(function)
            return function

        names = []

        @shared_task(name="shop.charge")
        @timed
        def charge(): ...

        @shared_task
        @timed
        def refund(): ...

        @shared_task
        @registered
        def call(): ...

        @shared_task
        @registered
        def write(): ...
        """
    )
    names = {t.name for t in (module.charge, module.refund, module.call, module.write)}
    assert len(names) == 4
