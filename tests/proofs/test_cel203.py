from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from functools import partial
    from celery import shared_task
    from django.db import transaction

    @shared_task
    def notify(pk): ...

    @transaction.atomic
    def close(orders):
        for order in orders:
            transaction.on_commit({callback})
    """


def sent(proof: Proof) -> list[int]:
    """The argument of each message."""
    return [message.payload[0][0] for message in proof.published()]


def test_bad(proof: Proof, database: None) -> None:
    proof.bad(SOURCE.format(callback="lambda: notify.delay(order)")).close([1, 2, 3])
    assert sent(proof) == [3, 3, 3]


@pytest.mark.parametrize(
    "callback", ["partial(notify.delay, order)", "lambda order=order: notify.delay(order)"]
)
def test_good(proof: Proof, database: None, callback: str) -> None:
    proof.good(SOURCE.format(callback=callback)).close([1, 2, 3])
    assert sent(proof) == [1, 2, 3]
