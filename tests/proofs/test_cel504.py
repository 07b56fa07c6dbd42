from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    @shared_task
    def remind(pk): ...

    def now():
        remind.apply_async((1,), priority={priority})
    """


@pytest.mark.parametrize(("priority", "becomes"), [('"high"', 0), ("-1", 0), ("2.7", 2)])
def test_bad(proof: Proof, priority: str, becomes: int) -> None:
    proof.bad(SOURCE.format(priority=priority)).now()
    assert served(proof) == becomes


@pytest.mark.parametrize("priority", [0, 5, 9])
def test_good(proof: Proof, priority: int) -> None:
    proof.good(SOURCE.format(priority=priority)).now()
    assert served(proof) == priority


def served(proof: Proof) -> int:
    """The priority that Redis and the other virtual transports file the message under."""
    [message] = proof.published()
    channel = message.channel
    return int(channel._get_message_priority({"properties": message.properties}))
