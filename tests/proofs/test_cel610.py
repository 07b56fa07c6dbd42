from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, chord, group, shared_task

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
    "call",
    [
        "chord([load.s(1), load.s(2)])()",
        "chord([load.s(1), load.s(2)]).delay()",
        "chord([load.s(1), load.s(2)]).apply_async(countdown=1)",
        "chord([load.s(1), load.s(2)], None)()",
        "chord([load.s(1), load.s(2)], body=None).delay()",
        "(made := chord([load.s(1), load.s(2)])) and made()",
        "chain(load.s(1), chord([load.s(), load.s()]))()",
        "(load.s(1) | chord([load.s(), load.s()]))()",
        "group([chord([load.s(1), load.s(2)])])()",
        "chord([load.s(1), load.s(2)]) | total.s()",
        "chord([chord([load.s(1), load.s(2)])], total.s())()",
    ],
)
def test_bad(proof: Proof, call: str) -> None:
    source = SOURCE.format(call=call)
    module = proof.bad(source)
    (finding,) = proof.findings(source)
    with pytest.raises((AttributeError, TypeError)) as caught:
        module.run()
    assert caught.type.__name__ in finding.message


@pytest.mark.parametrize(
    "call",
    [
        "chord([load.s(1), load.s(2)])(total.s())",
        "chord([load.s(1), load.s(2)], total.s())()",
        "chord([load.s(1), load.s(2)]).delay(body=total.s())",
        "chord([load.s(1), load.s(2)]).apply_async(kwargs={'body': total.s()})",
        "chain(chord([load.s(1), load.s(2)], total.s()), load.s())()",
    ],
)
def test_good(proof: Proof, call: str) -> None:
    module = proof.good(SOURCE.format(call=call))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", 3)


def test_a_body_given_later(proof: Proof) -> None:
    call = "chord([load.s(1), load.s(2)])\n        made.body = total.s()\n        return made()"
    module = proof.good(SOURCE.replace("return {call}", f"made = {call}"))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", 3)
