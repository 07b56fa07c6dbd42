from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import chain, group, shared_task

    @shared_task
    def load(pk): ...

    @shared_task
    def tell(pk): ...

    def run():
        {call}
    """


def sent(proof: Proof) -> list[str]:
    """The names of the tasks sent."""
    return [message.headers["task"].rpartition(".")[2] for message in proof.published()]


@pytest.mark.parametrize("method", ["link", "link_error"])
def test_bad(proof: Proof, method: str) -> None:
    proof.bad(SOURCE.format(call=f"load.s(1).{method}(tell.si(1)).delay()")).run()
    assert sent(proof) == ["tell"]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("made = load.s(1).link(tell.si(1)); made.delay()", ["tell"]),
        ("group([load.s(1).link(tell.si(1)), load.s(2)])()", ["tell", "load"]),
        ("chain(load.s(1).link(tell.si(1)), load.s())()", ["tell"]),
        ("(load.s(1).link(tell.si(1)) | load.s()).delay()", ["tell"]),
        ("chain(load.s(1), load.s()).link(tell.si(1)).delay()", ["tell"]),
        ("group(load.s(1), load.s(2)).link(tell.si(1)).delay()", ["tell"]),
    ],
)
def test_bad_elsewhere(proof: Proof, call: str, found: list[str]) -> None:
    proof.bad(SOURCE.format(call=call)).run()
    assert sent(proof) == found


@pytest.mark.parametrize(
    "call",
    [
        "load.apply_async((1,), link=tell.si(1))",
        "load.s(1).on_error(tell.si(1)).delay()",
        "made = load.s(1); made.link(tell.si(1)); made.delay()",
    ],
)
def test_good(proof: Proof, call: str) -> None:
    proof.good(SOURCE.format(call=call)).run()
    assert sent(proof) == ["load"]
