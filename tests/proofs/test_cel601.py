from __future__ import annotations

from contextlib import suppress

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, chord, group, shared_task, signature

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

    def max_of(data):
        return max(data)

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
        "chain(load.s(1), save.s)()",
        "chain(load.s(1), None)()",
        "chain(load.s(1), 'save')()",
        "chain(load.s(1), max_of)()",
        "group(load.s(1), save)()",
        "group([load.s(1), save.si])()",
        "group([load.s(1), 'save'])()",
        "group([load.s(1), None])()",
        "chord([load.s(1), load.delay(2)])(save.s())",
        "chord([load.s(1)])(save)",
        "chord([load.s(1)], save)()",
        "chord([load.s(1)], save.s)()",
        "chord([load.s(1)], 'save')()",
        "chord([load.s(1)], save.delay([]))()",
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


@pytest.mark.parametrize("member", ["load", "load.s(0)"])
def test_a_chord_makes_signatures_of_the_tasks_in_its_header(proof: Proof, member: str) -> None:
    source = SOURCE.replace("def load(pk)", "def load(pk=0)")
    module = proof.good(source.format(canvas=f"chord([load.s(1), {member}])(save.s())"))
    with proof.worker():
        assert proof.finish(module.run()) == ("SUCCESS", [1, 0])


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(load.s(1), unseen)",
        "chain(load.s(1), unseen())",
        "chain(load.s(1), signature('save'))",
        "chord([load.s(1)], None)",
        "chord([load.s(1)], unseen)",
        "load.s(1) | unseen.s",
    ],
)
def test_nothing_is_said_of(proof: Proof, canvas: str) -> None:
    proof.good(SOURCE.format(canvas=canvas), run=False)
