from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chord, shared_task

    @shared_task
    def load(pk):
        return pk

    @shared_task
    def total(results):
        return sum(results)

    def run():
        return {call}
    """


@pytest.mark.parametrize(
    "call", ["chord([load.s(1), load.s(2)])()", "chord([load.s(1), load.s(2)]).delay()"]
)
def test_bad(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with pytest.raises(AttributeError):
        module.run()


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(call="chord([load.s(1), load.s(2)])(total.s())"))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", 3)
