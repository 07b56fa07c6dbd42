from __future__ import annotations

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, shared_task

    @shared_task
    def load(pk):
        return pk

    @shared_task
    def total(rows):
        return rows

    def run():
        return chain({steps})()
    """


def test_pending(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(steps="load.s(1).set(expires=-1), total.s()"))
    with proof.worker():
        result = module.run()
        assert proof.settle(result) == "PENDING"
        assert result.parent.state == "REVOKED"


def test_last(proof: Proof) -> None:
    module = proof.good(SOURCE.format(steps="load.s(1), total.s().set(expires=-1)"))
    with proof.worker():
        assert proof.finish(module.run())[0] == "REVOKED"
