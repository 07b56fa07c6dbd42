from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery.schedules import crontab

    nightly = crontab({arguments})
    """


def due(proof: Proof, source: str) -> int:
    """How many minutes of a day it is due in."""
    schedule = proof.load(source).nightly
    return len(schedule.minute) * len(schedule.hour)


@pytest.mark.parametrize("arguments", ["hour=3", "hour='3,15'"])
def test_bad(proof: Proof, arguments: str) -> None:
    source = SOURCE.format(arguments=arguments)
    assert proof.findings(source)
    assert due(proof, source) in (60, 120)


def test_good(proof: Proof) -> None:
    source = SOURCE.format(arguments="hour=3, minute=0")
    assert not proof.findings(source)
    assert due(proof, source) == 1
