from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.beat_database import run
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


def test_hour_left_out(proof: Proof) -> None:
    source = SOURCE.format(arguments="minute=0, day_of_week=1")
    assert proof.findings(source)
    assert due(proof, source) == 24
    good = SOURCE.format(arguments="minute=0, hour=0, day_of_week=1")
    assert not proof.findings(good)
    assert due(proof, good) == 1


def test_rows_of_the_database(proof: Proof, tmp_path: Path) -> None:
    pytest.importorskip("django_celery_beat")
    source = """
from django_celery_beat.models import CrontabSchedule

def daily():
    return CrontabSchedule.objects.get_or_create({fields})[0]
"""
    then = "row = daily().schedule\nshow(len(row.minute) * len(row.hour))"
    for fields, runs in (('hour="7"', 60), ('minute="0", day_of_week="1"', 24)):
        bad = source.format(fields=fields)
        assert len(proof.findings(bad)) == 1
        assert run(tmp_path, bad, then) == [runs]
    good = source.format(fields='hour="7", minute="0"')
    assert not proof.findings(good)
    assert run(tmp_path, good, then) == [1]


def test_good(proof: Proof) -> None:
    source = SOURCE.format(arguments="hour=3, minute=0")
    assert not proof.findings(source)
    assert due(proof, source) == 1
