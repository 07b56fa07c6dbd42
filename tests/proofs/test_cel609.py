from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, shared_task

    @shared_task
    def load(pk): ...

    def run():
        {call}
    """


@pytest.mark.parametrize(
    "call", ["load.s(1)", "chain(load.s(1), load.si(2))", "load.si(1) | load.si(2)"]
)
def test_bad(proof: Proof, call: str) -> None:
    proof.bad(SOURCE.format(call=call)).run()
    assert proof.published() == []


@pytest.mark.parametrize("call", ["load.s(1).delay()", "chain(load.s(1), load.si(2)).delay()"])
def test_good(proof: Proof, call: str) -> None:
    proof.good(SOURCE.format(call=call)).run()
    assert len(proof.published()) == 1
