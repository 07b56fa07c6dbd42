from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

OLD = """
    from celery import shared_task

    @shared_task(name="shop.charge")
    def charge(order_id):
        return order_id

    def pay():
        return charge.delay(1)
    """
PREPARED = OLD.replace("(order_id)", "(order_id, amount=None)")


@pytest.mark.parametrize(
    "call",
    [
        "charge.delay(1, amount=5)",
        "charge.delay(1, 5)",
        "charge.apply_async((1,), {'amount': 5})",
        "charge.s(1, amount=5).delay()",
    ],
)
def test_bad(proof: Proof, tmp_path: Path, call: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = PREPARED.replace("charge.delay(1)", call)
    [finding] = shop.findings(new)
    state, error = shop.run(OLD, shop.send(new, "pay()"))
    assert state == "FAILURE"
    assert isinstance(error, TypeError)
    assert f"TypeError: {error}" in finding.message


def test_good(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    assert shop.findings(PREPARED) == []
    assert shop.run(OLD, shop.send(PREPARED, "pay()")) == ("SUCCESS", 1)


def test_good_after_the_first_deployment(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, PREPARED)
    new = PREPARED.replace("charge.delay(1)", "charge.delay(1, amount=5)")
    assert shop.findings(new) == []
    assert shop.run(PREPARED, shop.send(new, "pay()")) == ("SUCCESS", 1)
