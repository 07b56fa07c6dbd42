from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from datetime import datetime, timezone
    from celery import shared_task

    @shared_task
    def remind(pk): ...

    def later():
        remind.apply_async((1,), {options})
    """
ETA = "eta=datetime(2030, 1, 1, tzinfo=timezone.utc)"


def test_bad(proof: Proof) -> None:
    proof.bad(SOURCE.format(options=f"countdown=60, {ETA}")).later()
    [message] = proof.published()
    assert not message.headers["eta"].startswith("2030-01-01")


@pytest.mark.parametrize("options", [ETA, f"countdown=0, {ETA}", f"countdown=None, {ETA}"])
def test_good(proof: Proof, options: str) -> None:
    proof.good(SOURCE.format(options=options)).later()
    [message] = proof.published()
    assert message.headers["eta"].startswith("2030-01-01")
