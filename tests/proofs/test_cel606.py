from __future__ import annotations

from typing import Any

import pytest
from celery import VERSION

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, chord, group, shared_task

    got = []

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
        "chain(group([load.s(1)]), total.s())()",
        "chain(group(load.s(1)), total.s())()",
        "(load.s(1) | group([load.s()]) | total.s()).delay()",
        "(load.s(1) | group(load.s())  | total.s() | load.si()).delay()",
        "chain(group([load.s(1)]), total.s(), task_id='x').apply_async()",
        "chain(group(load.s(n) for n in [1]), total.s())()",
        "chain(load.s(1), group([load.si(n) for n in range(1, 2)]), total.s())()",
    ],
)
def test_bad(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with proof.worker():
        proof.finish(module.run())
    assert module.got == [1]


@pytest.mark.parametrize(
    ("canvas", "got"),
    [
        ("chord([load.s(1)], total.s()).delay()", [[1]]),
        ("(group([load.s(1)]) | total.s()).delay()", [[1]]),
        ("chain(group(load.s(1), load.s(2)), total.s())()", [[1, 2]]),
        ("chain(load.s(1), total.s(), group([load.si(2)]))()", [1]),
    ],
)
def test_good(proof: Proof, canvas: str, got: list[Any]) -> None:
    module = proof.good(SOURCE.format(canvas=canvas))
    with proof.worker():
        proof.finish(module.run())
    assert module.got == got


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(group(load.s(n) for n in [1, 2]), total.s())",
        "chain(group(load.s(n) for n in range(3)), total.s())",
        "chain(group([load.s(n) for n in got]), total.si(0))",
        "chain(group([load.s(1)]), total.si(0))",
        "chain(group(load), total.s())",
        "chain(group([load.s(1)]), group([load.s(), load.s()]))",
        "chain(group(group([load.s(1), load.s(2)])), total.s())",
    ],
)
def test_nothing_is_said_of(proof: Proof, canvas: str) -> None:
    proof.good(SOURCE.format(canvas=canvas), run=False)


@pytest.mark.skipif(VERSION < (5, 7), reason="an empty group vanishes from 5.7 on")
@pytest.mark.parametrize("members", ["[]", "[load.si(n) for n in range(0)]"])
def test_empty(proof: Proof, members: str) -> None:
    bad = proof.bad(SOURCE.format(canvas=f"chain(load.s(7), group({members}), total.s())()"))
    good = proof.good(SOURCE.format(canvas=f"(group({members}) | total.s())()"))
    with proof.worker():
        proof.finish(bad.run())
        proof.finish(good.run())
    assert (bad.got, good.got) == ([7], [[]])
