from __future__ import annotations

from typing import Any

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, chord, group, shared_task

    got = []

    @shared_task
    def load(pk=0):
        return pk

    @shared_task
    def save(pk, force=False):
        got.append(pk)
        return pk

    @shared_task
    def notify():
        got.append("notified")

    @shared_task(bind=True)
    def bound(self):
        got.append("bound")

    def run():
        return {canvas}
    """


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(load.s(1), save.s(1, True))()",
        "chain(load.s(1), notify.s()).delay()",
        "(load.s(1) | bound.s()).delay()",
        "chain(load.s(1), save.s(pk=1)).apply_async()",
        "chain([load.s(1), chain(notify.s(), save.si(1))])()",
    ],
)
def test_the_step_before_is_marked_failed(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with proof.worker():
        last = module.run()
        proof.finish(last)
        first = last
        while first.parent is not None:
            first = first.parent
        state, result = proof.finish(first)
    assert state == "FAILURE"
    assert isinstance(result, TypeError)
    assert module.got == []


def test_a_group_that_follows(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(canvas="chain(load.s(1), group(notify.s(), save.s()))()"))
    with proof.worker():
        state, result = proof.finish(module.run().parent)
    assert (state, type(result)) == ("FAILURE", TypeError)


def test_linked(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(canvas="load.apply_async((1,), link=notify.s())"))
    with proof.worker():
        state, result = proof.finish(module.run())
    assert (state, type(result)) == ("FAILURE", TypeError)
    assert module.got == []


@pytest.mark.parametrize(
    "canvas",
    [
        "chord([load.s(1), load.s(2)])(notify.s())",
        "chord([load.s(1), load.s(2)], save.s(pk=1)).delay()",
        "(group(load.s(1), load.s(2)) | notify.s())()",
        "chain(group(load.s(1), load.s(2)), notify.s())()",
    ],
)
def test_the_chord_fails(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with proof.worker():
        state, result = proof.finish(module.run())
    assert (state, type(result).__name__) == ("FAILURE", "ChordError")
    assert module.got == []


@pytest.mark.parametrize(
    ("canvas", "got"),
    [
        ("chain(load.s(1), save.si(2, True))()", [2]),
        ("chain(load.s(1), save.s(True))()", [1]),
        ("(load.s(1) | notify.si()).delay()", ["notified"]),
        ("chain(load.s(1), notify.s().set(immutable=True))()", ["notified"]),
        ("chord([load.s(1), load.s(2)])(save.s())", [[1, 2]]),
        ("chord([load.s(1), load.s(2)])(notify.si())", ["notified"]),
        ("(group(load.s(1), load.s(2)) | notify.signature(immutable=True))()", ["notified"]),
    ],
)
def test_good(proof: Proof, canvas: str, got: list[Any]) -> None:
    module = proof.good(SOURCE.format(canvas=canvas))
    with proof.worker():
        state, _ = proof.finish(module.run())
    assert state == "SUCCESS"
    assert module.got == got
