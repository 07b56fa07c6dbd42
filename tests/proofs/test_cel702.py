from __future__ import annotations

import pytest
from celery.schedules import ParseException

from tests.proofs.harness import Proof

SOURCE = """
    from celery.schedules import crontab

    schedule = crontab({arguments})
    """


@pytest.mark.parametrize(
    "arguments",
    [
        "hour=24, minute=0",
        "minute=60",
        "minute=0, hour=3, day_of_week=7",
        "minute=0, day_of_week='sun,foo'",
        "minute='*/0'",
        "minute='1-'",
        "minutes='*/5'",
        "minute=0, day_of_month=32",
    ],
)
def test_bad(proof: Proof, arguments: str) -> None:
    source = SOURCE.format(arguments=arguments)
    assert proof.findings(source)
    with pytest.raises((ValueError, TypeError, ParseException)):
        proof.load(source)


@pytest.mark.parametrize(
    "arguments",
    ["hour=0, minute=0", "minute='*/5'", "minute=0, hour='22-6', day_of_week='mon-fri'"],
)
def test_good(proof: Proof, arguments: str) -> None:
    proof.good(SOURCE.format(arguments=arguments))
