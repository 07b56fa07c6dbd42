from __future__ import annotations

import pytest
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof

SOURCE = """
    import collections, dataclasses, datetime, enum, fractions, io
    import ipaddress, pathlib, re, threading
    from celery import shared_task

    class Colour(enum.Enum):
        RED = 1

    class Text(str, enum.Enum):
        RED = "red"

    class Plain: ...

    @dataclasses.dataclass
    class Point:
        x: int = 1

    class Money(Point):
        def __json__(self):
            return "1 EUR"

    def function(): ...

    @shared_task
    def remind(value):
        return 7

    def later():
        return remind.{call}
    """
REFUSED = [
    "{1}",
    "frozenset((1,))",
    "range(3)",
    "(x for x in [1])",
    "bytearray(b'x')",
    "complex(1, 2)",
    "collections.deque()",
    "fractions.Fraction(1, 2)",
    "datetime.timedelta(1)",
    "pathlib.Path('x')",
    "re.compile('x')",
    "ipaddress.ip_address('::1')",
    "threading.Lock()",
    "Colour.RED",
    "Plain()",
    "Point()",
    "ValueError('x')",
    "ValueError",
    "Plain",
    "function",
    "lambda: 1",
    "remind",
    "io.BytesIO()",
    "[1, {'a': ({2},)}]",
    "{(1, 2): 3}",
    "{b'x': 3}",
]


@pytest.mark.parametrize("value", REFUSED)
def test_bad(proof: Proof, value: str) -> None:
    module = proof.bad(SOURCE.format(call=f"delay({value})"))
    with pytest.raises((EncodeError, TypeError)):
        module.later()


@pytest.mark.parametrize(
    "call",
    [
        "apply_async(({1},))",
        "apply_async(kwargs={'value': {1}})",
        "apply_async(args=[{1}], serializer='json')",
        "s({1}).delay()",
        "si(value={1}).delay()",
        "signature(({1},)).delay()",
    ],
)
def test_each_way_of_sending(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with pytest.raises((EncodeError, TypeError)):
        module.later()


GOOD = ["b'x'", "datetime.datetime(2026, 1, 1)", "Text.RED", "Money()", "sorted({1})", "(1, [2])"]


def test_good(proof: Proof) -> None:
    for value in [*GOOD, "__import__('decimal').Decimal(1)", "{1: 2, None: 3}"]:
        module = proof.good(SOURCE.format(call=f"delay({value})"))
        module.later()
    assert len(proof.published()) == len(GOOD) + 2


def test_direct_calls_carry_anything(proof: Proof) -> None:
    module = proof.good(SOURCE.format(call="apply(({1},))"))
    assert module.later().get() == 7


def test_another_serializer(proof: Proof) -> None:
    proof.app.conf.accept_content = ["json", "pickle"]
    module = proof.good(SOURCE.format(call="apply_async(({1},), serializer='pickle')"))
    module.later()
    assert len(proof.published()) == 1
