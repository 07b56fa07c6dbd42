from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from functools import partial
    from celery import shared_task

    @shared_task
    def remind(pk): ...

    @shared_task
    def collect(pk, **kwargs): ...

    def later():
        return {call}
    """


@pytest.mark.parametrize(
    "call",
    [
        "remind.delay(1, countdown=600)",
        "remind.si(1, queue='slow').delay()",
        "remind.s(1).delay(expires=60)",
        "partial(remind.delay, 1, countdown=600)()",
    ],
)
def test_bad(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        module.later()


def test_with_kwargs_it_becomes_an_argument(proof: Proof) -> None:
    proof.bad(SOURCE.format(call="collect.delay(1, countdown=600)")).later()
    [message] = proof.published()
    assert message.headers["eta"] is None
    assert message.payload[1] == {"countdown": 600}


def test_good(proof: Proof) -> None:
    proof.good(SOURCE.format(call="remind.apply_async((1,), countdown=600)")).later()
    [message] = proof.published()
    assert message.headers["eta"] is not None
