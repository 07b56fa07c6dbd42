from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, chord, group, shared_task

    @shared_task
    def load(pk=0):
        return pk

    @shared_task
    def save(data=0):
        return data

    @shared_task(queue="quick")
    def quick(data=0):
        return data

    def run():
        return {canvas}
    """


def priorities(proof: Proof) -> list[object]:
    """The priority of the message that waits, and of each step that it carries, in order."""
    (message,) = proof.published()
    later = message.payload[2]["chain"]
    options = [step["options"] for step in reversed(later)]
    return [message.properties["priority"], *(one.get("priority") for one in options)]


@pytest.mark.parametrize(
    ("canvas", "found"),
    [
        ("chain(load.s(1), save.s(), save.s()).apply_async(priority=3)", [3, None, None]),
        ("(load.s(1) | save.s() | save.s()).set(priority=3).delay()", [3, None, None]),
        ("chain(load.s(1), save.s(), priority=3)()", [3, None]),
        (
            "chain(load.s(1), save.s().set(priority=5), save.s()).apply_async(priority=3)",
            [3, 5, None],
        ),
    ],
)
def test_first_step_only(proof: Proof, canvas: str, found: list[object]) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    proof.app.finalize()
    module.run()
    assert priorities(proof) == found


@pytest.mark.parametrize(
    "canvas",
    [
        "group(load.s(1), load.s(2)).apply_async(link=save.s())",
        "group([load.s(1)]).apply_async(link_error=[save.s()])",
        "group(load.s(n) for n in [1, 2])(link_error=save.s())",
    ],
)
def test_group_takes_no_callback(proof: Proof, canvas: str) -> None:
    module = proof.bad(SOURCE.format(canvas=canvas))
    with pytest.raises(TypeError, match="Cannot add link to group"):
        module.run()


def test_each_step(proof: Proof) -> None:
    canvas = "chain(load.s(1).set(priority=3), save.s().set(priority=3)).apply_async(priority=3)"
    module = proof.good(SOURCE.format(canvas=canvas))
    proof.app.finalize()
    module.run()
    assert priorities(proof) == [3, 3]


def test_group_and_chord_pass_it_on(proof: Proof) -> None:
    for canvas in (
        "group(load.s(1), load.s(2)).apply_async(priority=3)",
        "chord([load.s(1), load.s(2)], save.s()).apply_async(priority=3)",
        "(group(load.s(1), load.s(2)) | save.s()).apply_async(priority=3)",
        "chain(group(load.s(1), load.s(2)), save.s()).apply_async(priority=3)",
    ):
        module = proof.good(SOURCE.format(canvas=canvas))
        proof.app.finalize()
        module.run()
        messages = proof.published()
        assert [message.properties["priority"] for message in messages] == [3, 3]


@pytest.mark.parametrize(
    "canvas",
    [
        "chain(load.s(1), save.s()).apply_async(countdown=3)",
        "chain(load.s(1)).apply_async(queue='slow')",
        "chain(*tasks).apply_async(queue='slow')",
        "chain(load.s(1), quick.s()).apply_async(queue='slow')",
        "group(load.s(1)).apply_async(link=None)",
    ],
)
def test_nothing_is_said_of(proof: Proof, canvas: str) -> None:
    proof.good(SOURCE.format(canvas=canvas), run=False)
