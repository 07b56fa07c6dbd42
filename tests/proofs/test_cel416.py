from __future__ import annotations

import celery
import pytest

from tests.proofs.harness import Proof

pytest.importorskip("pydantic")
pytestmark = pytest.mark.skipif(celery.VERSION < (5, 5), reason="pydantic=True is new in 5.5")

SOURCE = """
    from celery import shared_task
    from pydantic import BaseModel

    class Order(BaseModel):
        pk: int

    class Orders(BaseModel):
        orders: list[Order]

    @shared_task(pydantic=True)
    def ship({parameter}):
        return {result}
    """


def run(proof: Proof, module: object, *args: object, **kwargs: object) -> tuple[str, object]:
    with proof.worker():
        return proof.finish(module.ship.delay(*args, **kwargs))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("parameter", "given"),
    [("orders: list[Order]", [{"pk": "no number"}]), ("orders: dict[str, Order]", {"a": {}})],
)
def test_unchecked(proof: Proof, parameter: str, given: object) -> None:
    source = SOURCE.format(parameter=parameter, result="isinstance(orders, (list, dict))")
    module = proof.bad(source)
    assert run(proof, module, given) == ("SUCCESS", True)


def test_every_run_fails(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(parameter="*orders: Order", result="len(orders)"))
    assert run(proof, module, {"pk": 1})[0] == "FAILURE"
    module = proof.bad(SOURCE.format(parameter="**orders: Order", result="len(orders)"))
    assert run(proof, module, one={"pk": 1})[0] == "FAILURE"


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(parameter="given: Orders", result="given.orders[0].pk"))
    assert run(proof, module, {"orders": [{"pk": 1}]}) == ("SUCCESS", 1)
    assert run(proof, module, {"orders": [{}]})[0] == "FAILURE"
