from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.beat_database import run
from tests.proofs.harness import Proof

IMPORTS = """
import json
from django_celery_beat.models import *
from django_celery_beat.models import ClockedSchedule, IntervalSchedule, PeriodicTask
"""
ENTRY = (
    IMPORTS
    + """
def plan():
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period="minutes")
    PeriodicTask.objects.create(name="remind", task="shop.remind", {given})
"""
)
READ = """
plan()
DatabaseScheduler(app=app).schedule
show(list(PeriodicTask.objects.values_list("enabled", flat=True).filter(name="remind")))
"""


@pytest.fixture(autouse=True)
def _beat() -> None:
    pytest.importorskip("django_celery_beat")


@pytest.mark.parametrize("given", ['kwargs={"pk": 1}', 'args=["all"]', "args=(1,)", "kwargs='{1'"])
def test_beat_disables_what_is_no_json(proof: Proof, tmp_path: Path, given: str) -> None:
    source = ENTRY.format(given=f"interval=every, {given}")
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, READ) == [[False]]


@pytest.mark.parametrize(
    "given", ['kwargs=json.dumps({"pk": 1})', 'args=json.dumps(["all"])', "args=[1, 2]"]
)
def test_json_text_is_kept(proof: Proof, tmp_path: Path, given: str) -> None:
    source = ENTRY.format(given=f"interval=every, {given}")
    assert not proof.findings(source)
    assert run(tmp_path, source, READ) == [[True]]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("description='no schedule'", "ValidationError"),
        ("interval=every, expires=60", "TypeError"),
        ("interval=every, expire_second=60", "TypeError"),
        ("crontab=every", "ValueError"),
    ],
)
def test_raises_where_it_is_made(proof: Proof, tmp_path: Path, given: str, error: str) -> None:
    source = ENTRY.format(given=given)
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, "show(raised(plan))") == [error]


def test_clocked_is_for_once(proof: Proof, tmp_path: Path) -> None:
    source = (
        IMPORTS
        + """
def plan():
    at = ClockedSchedule.objects.create(clocked_time="2030-01-01T00:00:00Z")
    PeriodicTask.objects.create(name="once", task="shop.once", clocked=at{more})
"""
    )
    assert len(proof.findings(source.format(more=""))) == 1
    assert run(tmp_path, source.format(more=""), "show(raised(plan))") == ["ValidationError"]
    good = source.format(more=", one_off=True")
    assert not proof.findings(good)
    assert run(tmp_path, good, "show(raised(plan))") == [None]


@pytest.mark.parametrize(("period", "error"), [("minute", "TypeError"), ("minutes", None)])
def test_period(proof: Proof, tmp_path: Path, period: str, error: str | None) -> None:
    source = ENTRY.format(given="interval=every").replace('"minutes"', f'"{period}"')
    assert len(proof.findings(source)) == bool(error)
    then = "plan()\nshow(raised(lambda: DatabaseScheduler(app=app).schedule))"
    assert run(tmp_path, source, then) == [error]


def test_redbeat_needs_its_app(proof: Proof) -> None:
    pytest.importorskip("redbeat")
    source = """
    from celery import current_app as app
    from celery.schedules import schedule
    from redbeat import RedBeatSchedulerEntry

    app.conf.redbeat_redis_url = "redis://localhost:1/0"

    def plan():
        return RedBeatSchedulerEntry("remind", "shop.remind", schedule(60){more}).key
    """
    bad = proof.bad(source.format(more=""))
    with pytest.raises(AttributeError):
        bad.plan()
    good = proof.good(source.format(more=", app=app._get_current_object()"))
    assert good.plan() == "redbeat:remind"
