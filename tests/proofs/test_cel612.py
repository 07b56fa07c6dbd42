from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, shared_task

    @shared_task
    def load(pk):
        return pk

    def run(steps=()):
        made = {canvas}
        return made{sent}
    """


@pytest.mark.parametrize("canvas", ["chain()", "chain([])", "chain(*[])", "chain(())"])
@pytest.mark.parametrize("sent", ["()", ".delay()", ".apply_async()"])
def test_bad(proof: Proof, canvas: str, sent: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas, sent=sent))
    assert module.run() is None
    assert proof.published() == []


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(canvas="chain(load.s(1))", sent="()"))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", 1)


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(*steps)",
        "chain(steps)",
        "chain()\n        made |= load.s(1)",
        "chain()\n        made = made | load.s(1)",
        "chain()\n        made.tasks.append(load.s(1))",
    ],
)
def test_nothing_is_said_of(proof: Proof, canvas: str) -> None:
    proof.good(SOURCE.format(canvas=canvas, sent="()"), run=False)
