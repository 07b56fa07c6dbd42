from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery.schedules import crontab

    schedule = crontab({arguments})
    """


@pytest.mark.parametrize(
    ("arguments", "field", "values"),
    [
        ("minute='*/90'", "minute", {0}),
        ("minute='mon', hour=3", "minute", {1}),
        ("minute=0, day_of_week='monkey'", "day_of_week", {1}),
        ("minute=b'5'", "minute", {53}),
        ("minute=[]", "minute", set()),
    ],
)
def test_bad(proof: Proof, arguments: str, field: str, values: set[int]) -> None:
    module = proof.bad(SOURCE.format(arguments=arguments))
    assert getattr(module.schedule, field) == values


@pytest.mark.parametrize("arguments", ["minute='*/60'", "minute=0, day_of_week='tues,Thursday'"])
def test_good(proof: Proof, arguments: str) -> None:
    proof.good(SOURCE.format(arguments=arguments))
