from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

OLD = """
    from celery import shared_task

    @shared_task(name="shop.reserve")
    def reserve(item, count):
        return {"item": item, "count": count}
    """


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("count, item", {"item": 3, "count": 7}),
        ("item, urgent=False, count=0", {"item": 7, "count": 0}),
    ],
)
def test_bad_arguments_arrive_elsewhere(
    proof: Proof, tmp_path: Path, parameters: str, expected: dict[str, int]
) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("item, count", parameters)
    [finding] = shop.findings(new)
    assert "arrives in" in finding.message
    assert shop.run(new, shop.send(OLD, "reserve.delay(7, 3)")) == ("SUCCESS", expected)


@pytest.mark.parametrize(
    ("parameters", "call"),
    [
        ("item, *, count", "reserve.delay(7, 3)"),
        ("item, count, /", "reserve.delay(item=7, count=3)"),
        ("self, item, count", "reserve.delay(7, 3)"),
    ],
)
def test_bad_with_an_error(proof: Proof, tmp_path: Path, parameters: str, call: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("item, count", parameters)
    assert shop.findings(new)
    state, error = shop.run(new, shop.send(OLD, call))
    assert state == "FAILURE"
    assert isinstance(error, TypeError)


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ("item, count, urgent=False", ""),
        ("item, count, *, urgent=False", ""),
        ("self, item, count", ", bind=True"),
    ],
)
def test_good(proof: Proof, tmp_path: Path, parameters: str, options: str) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("item, count", parameters).replace(
        '"shop.reserve"', f'"shop.reserve"{options}'
    )
    assert shop.findings(new) == []
    expected = {"item": 7, "count": 3}
    for call in ("(7, 3)", "(7, count=3)", "(item=7, count=3)"):
        assert shop.run(new, shop.send(OLD, f"reserve.delay{call}")) == ("SUCCESS", expected)
