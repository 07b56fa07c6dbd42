from __future__ import annotations

from pathlib import Path

import celery
import pytest
from celery.schedules import ParseException

from tests.proofs.beat_database import run
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


def test_date_that_never_comes(proof: Proof) -> None:
    source = SOURCE.format(arguments="minute=0, hour=0, day_of_month=31, month_of_year=2")
    assert proof.findings(source)
    if celery.VERSION >= (5, 7):
        with pytest.raises(ValueError, match="never"):
            proof.load(source)
    leap_day = SOURCE.format(arguments="minute=0, hour=0, day_of_month=29, month_of_year=2")
    proof.good(leap_day)


def test_beat_skips_a_row_that_it_cannot_read(proof: Proof, tmp_path: Path) -> None:
    pytest.importorskip("django_celery_beat")
    source = """
from django_celery_beat.models import *
from django_celery_beat.models import CrontabSchedule, PeriodicTask

def plan():
    at = CrontabSchedule.objects.create(minute="0", hour="{hour}")
    PeriodicTask.objects.create(name="count", task="shop.count", crontab=at)
"""
    then = """
plan()
show("count" in DatabaseScheduler(app=app).all_as_schedule())
"""
    bad = source.format(hour="25")
    assert len(proof.findings(bad)) == 1
    assert run(tmp_path, bad, then) == [False]
    good = source.format(hour="*/2")
    assert not proof.findings(good)
    assert run(tmp_path, good, then) == [True]
