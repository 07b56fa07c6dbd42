"""Models sent to and returned by tasks with `pydantic=True`: what CEL405 and CEL407 say of them."""

from __future__ import annotations

import celery
import pytest
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof

pytest.importorskip("pydantic")
pytestmark = pytest.mark.skipif(celery.VERSION < (5, 7), reason="5.7 sends models as their dump")

SOURCE = """
    from typing import Optional, Union
    from celery import shared_task
    from pydantic import BaseModel, ConfigDict, Field

    class Line(BaseModel):
        article: int = 1

    class Gift(Line): ...

    class Aliased(BaseModel):
        number: int = Field(alias="no")

    class ByName(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        number: int = Field(alias="no")

    class Hooked(Line):
        def __json__(self):
            return {{}}

    line = Line()

    @shared_task(pydantic=True, bind=True)
    def buy(self, {taken}):
        return 7

    def later():
        return buy.{call}
    """
REFUSED = [
    ("it: Line", "delay(Gift())"),
    ("it: Gift", "delay(Line())"),
    ("it: Aliased", "delay(Aliased(no=1))"),
    ("it", "delay(line)"),
    ("it: dict", "apply_async((Line(),))"),
    ("it: list[Line]", "delay([Line()])"),
    ("it: list[Line]", "delay([Line(article=n) for n in range(2)])"),
    ("it: Union[Line, Gift]", "apply_async(kwargs={'it': Line()})"),
    ("it: Line, other=None", "delay(Line(), other=Line())"),
]
SENT = [
    ("it: Line", "delay(Line())"),
    ("it: Optional[Line]", "delay(it=line)"),
    ("it: Line | None = None", "apply_async((line,))"),
    ("it: ByName", "delay(ByName(no=1))"),
    ("it: Line", "delay(Hooked())"),
    ("it: Line, other=None", "delay(Line(), other=Line().model_dump())"),
]


@pytest.mark.parametrize(("taken", "call"), REFUSED)
def test_refused(proof: Proof, taken: str, call: str) -> None:
    proof.code = "CEL405"
    module = proof.bad(SOURCE.format(taken=taken, call=call))
    with pytest.raises(EncodeError):
        module.later()


@pytest.mark.parametrize(("taken", "call"), SENT)
def test_sent(proof: Proof, taken: str, call: str) -> None:
    proof.code = "CEL405"
    module = proof.good(SOURCE.format(taken=taken, call=call))
    module.later()
    assert len(proof.published()) == 1


RESULTS = """
    from typing import Optional
    from celery import shared_task
    from pydantic import BaseModel

    class Price(BaseModel):
        amount: int = 1

    class Sale(Price): ...

    @shared_task(pydantic=True)
    def price(numbers){arrow}:
        return {value}
    """


@pytest.mark.parametrize(
    ("arrow", "value", "stored"),
    [
        ("", "Price()", False),
        (" -> Sale", "Price()", False),
        (" -> dict", "Price()", False),
        (" -> list", "[Price(amount=n) for n in numbers]", False),
        (" -> dict", "{'price': Price()}", False),
        (" -> Price", "Price()", True),
        (" -> Price", "Sale()", True),
        (" -> Optional[Price]", "Price()", True),
        (" -> Price | None", "Price()", True),
        ("", "Price().model_dump()", True),
    ],
)
def test_returned(proof: Proof, arrow: str, value: str, stored: bool) -> None:
    proof.code = "CEL407"
    source = RESULTS.format(arrow=arrow, value=value)
    judge = proof.good if stored else proof.bad
    module = judge(source, celery_backend="cache")
    with proof.worker():
        state, _ = proof.finish(module.price.delay([1, 2]))
    assert state == ("SUCCESS" if stored else "FAILURE")
