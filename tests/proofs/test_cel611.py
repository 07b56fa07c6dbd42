from __future__ import annotations

import pytest

from tests.proofs.harness import Proof, since, wait_for

SOURCE = """
    from celery import chain, chord, group, shared_task
    from celery.exceptions import Ignore, Reject

    got = []

    @shared_task
    def skips(pk=0):
        if pk > 1:
            raise Ignore("not this one")
        return pk

    @shared_task
    def catches(pk=0):
        try:
            raise Ignore()
        except Exception:
            return pk

    @shared_task
    def rejects(pk=0):
        raise Reject("no", requeue=False)

    @shared_task
    def load(pk=0):
        return pk

    @shared_task
    def total(results):
        got.append(results)

    def run():
        return {canvas}
    """


@pytest.mark.parametrize(
    "canvas",
    [
        "chord([load.s(1), skips.s(2)])(total.s())",
        "(group(load.s(1), skips.s(2)) | total.s()).delay()",
        "chain(group(load.s(1), skips.s(2)), total.s())()",
        "chord([load.s(1), chain(skips.s(2), load.s())], total.s())()",
    ],
)
def test_the_body_never_runs(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with proof.worker():
        assert proof.settle(module.run()) == "PENDING"
    assert module.got == []


@pytest.mark.parametrize(
    ("canvas", "state"),
    [
        ("chord([load.s(1), load.s(2)])(total.s())", "SUCCESS"),
        ("chord([load.s(1), catches.s(2)])(total.s())", "SUCCESS"),
        pytest.param(
            "chord([load.s(1), rejects.s(2)])(total.s())",
            "FAILURE",
            marks=since("5.7", "the body waits for ever after a Reject too"),
        ),
        ("chain(skips.s(1), total.s())()", "SUCCESS"),
    ],
)
def test_good(proof: Proof, canvas: str, state: str) -> None:
    module = proof.good(SOURCE.format(canvas=canvas))
    with proof.worker():
        result = module.run()
        assert wait_for(lambda: result.state == state)
