from __future__ import annotations

from tests.proofs.harness import Proof

SOURCE = """
    import functools
    from celery import shared_task

    entered = []

    def locked(function):
        @functools.wraps(function)
        def wrapper(*args):
            entered.append(1)
            return function(*args)
        return wrapper

    {above}
    @shared_task(name="proof.charge")
    {below}
    def charge():
        return 1
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(above="@locked", below=""))
    assert not hasattr(module.charge, "delay_on_commit")
    with proof.worker():
        result = proof.app.send_task("proof.charge")
        assert proof.finish(result) == ("SUCCESS", 1)
    assert module.entered == []


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(above="", below="@locked"))
    with proof.worker():
        assert proof.finish(module.charge.delay()) == ("SUCCESS", 1)
    assert module.entered == [1]
