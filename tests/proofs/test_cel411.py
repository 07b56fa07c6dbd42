from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

TASK = """
    from celery import shared_task

    @shared_task(name="shop.charge")
    def charge({parameters}):
        return [order_id, {second}]
    """
OLD = TASK.format(parameters="order_id", second="None")


@pytest.mark.parametrize("parameters", ["order_id, amount", "order_id, *, amount"])
def test_bad(proof: Proof, tmp_path: Path, parameters: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = TASK.format(parameters=parameters, second="amount")
    [finding] = shop.findings(new)
    state, error = shop.run(new, shop.send(OLD, "charge.delay(1)"))
    assert state == "FAILURE"
    assert isinstance(error, TypeError)
    assert f"TypeError: {error}" in finding.message


def test_bad_a_default_dropped(proof: Proof, tmp_path: Path) -> None:
    old = TASK.format(parameters="order_id, amount=5", second="amount")
    new = old.replace("=5", "")
    shop = Deployment(proof, tmp_path, old)
    [finding] = shop.findings(new)
    state, error = shop.run(new, shop.send(old, "charge.delay(1)"))
    assert state == "FAILURE"
    assert f"TypeError: {error}" in finding.message


def test_good(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = TASK.format(parameters="order_id, amount=None", second="amount")
    assert shop.findings(new) == []
    assert shop.run(new, shop.send(OLD, "charge.delay(1)")) == ("SUCCESS", [1, None])
