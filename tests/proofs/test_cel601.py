from __future__ import annotations

from contextlib import suppress

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, group, shared_task

    ran = []

    @shared_task
    def load(pk):
        ran.append(pk)
        return pk

    @shared_task
    def now():
        ran.append(1)
        return 1

    @shared_task
    def save(data):
        return data

    def run():
        return {canvas}
    """


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(load.s(1), save).delay()",
        "(load.s(1) | save).delay()",
        "group([load.delay(1)])()",
        "chain(load.s(1), save.delay(2))()",
    ],
)
def test_bad(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with pytest.raises((TypeError, AttributeError, RecursionError, ValueError)):
        module.run()


def test_call_runs_here_and_now(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(canvas="group([now()])"))
    with suppress(TypeError, AttributeError):
        module.run()
    assert module.ran == [1]
    assert proof.published() == []


@pytest.mark.parametrize(
    "canvas", ["chain(load.s(1), save.s()).delay()", "(load.s(1) | save.s()).delay()"]
)
def test_good(proof: Proof, canvas: str) -> None:
    module = proof.good(SOURCE.format(canvas=canvas))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", 1)
