from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

OLD = """
    from celery import shared_task

    @shared_task(name="shop.receipt")
    def receipt(order_id, address):
        return order_id
    """


@pytest.mark.parametrize(
    ("parameters", "call"),
    [
        ("order_id", "receipt.delay(1, 'a@example.org')"),
        ("order_id", "receipt.delay(1, address='a@example.org')"),
        ("order_id, **kwargs", "receipt.delay(1, 'a@example.org')"),
        ("order_id, *args", "receipt.delay(1, address='a@example.org')"),
        ("order_id, email", "receipt.delay(1, address='a@example.org')"),
    ],
)
def test_bad(proof: Proof, tmp_path: Path, parameters: str, call: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("order_id, address", parameters)
    [finding] = shop.findings(new)
    assert "address" in finding.message
    state, error = shop.run(new, shop.send(OLD, call))
    assert state == "FAILURE"
    assert isinstance(error, TypeError)


@pytest.mark.parametrize("parameters", ["order_id, address=None", "order_id, *args, **kwargs"])
def test_good(proof: Proof, tmp_path: Path, parameters: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("order_id, address", parameters)
    assert shop.findings(new) == []
    for call in ("receipt.delay(1, 'a@example.org')", "receipt.delay(1, address='b@example.org')"):
        assert shop.run(new, shop.send(OLD, call)) == ("SUCCESS", 1)
