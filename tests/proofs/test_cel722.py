from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.beat_database import run
from tests.proofs.harness import Proof

SOURCE = """
from celery import Celery

app = Celery("proof", broker="memory://")
app.conf.beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
app.conf.beat_schedule = {{
    "count": {{"task": "shop.count", "schedule": {schedule}, {more}}},
}}
"""
READ = """
raised(lambda: DatabaseScheduler(app=app).schedule)
row = PeriodicTask.objects.filter(name="count").first()
show(None if row is None else [
    row.expire_seconds, row.queue, row.enabled, row.schedule.run_every.total_seconds()
])
"""


@pytest.fixture(autouse=True)
def _beat() -> None:
    pytest.importorskip("django_celery_beat")


@pytest.mark.parametrize("more", ['"enable": False', '"time_limit": 5', '"schedul": 5'])
def test_entry_is_not_written(proof: Proof, tmp_path: Path, more: str) -> None:
    source = SOURCE.format(schedule="60.0", more=more)
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, READ) == [None]


@pytest.mark.parametrize("more", ['"options": {"expires": 50}', '"queue": "slow"'])
def test_option_is_dropped(proof: Proof, tmp_path: Path, more: str) -> None:
    source = SOURCE.format(schedule="60.0", more=more)
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, READ) == [[None, None, True, 60.0]]


def test_below_a_second_is_zero(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(schedule="0.5", more="")
    assert len(proof.findings(source)) == 1
    [[*_, seconds]] = run(tmp_path, source, READ)
    assert seconds == 0.0


def test_good(proof: Proof, tmp_path: Path) -> None:
    more = '"enabled": False, "options": {"expire_seconds": 50, "queue": "slow"}'
    source = SOURCE.format(schedule="60.0", more=more)
    assert not proof.findings(source)
    assert run(tmp_path, source, READ) == [[50, "slow", False, 60.0]]


def test_redbeat_takes_no_queue(proof: Proof) -> None:
    redbeat = pytest.importorskip("redbeat")
    source = """
    from celery import current_app as app

    app.conf.beat_scheduler = "redbeat.RedBeatScheduler"
    """
    proof.good(source)
    with pytest.raises(TypeError):
        redbeat.RedBeatSchedulerEntry("count", "shop.count", 60, queue="slow", app=proof.app)
