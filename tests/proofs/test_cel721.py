from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.beat_database import run
from tests.proofs.harness import Proof

SOURCE = """
from django_celery_beat.models import *
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

def plan():
    every, _ = IntervalSchedule.objects.get_or_create(every=5, period="minutes")
    PeriodicTask.objects.create(name="remind", task="shop.remind", interval=every)

def switch_off():
    {change}
"""
THEN = """
plan()
before = PeriodicTasks.last_change()
scheduler = DatabaseScheduler(app=app)
scheduler.schedule
scheduler.schedule_changed()
switch_off()
show([PeriodicTask.objects.get(name="remind").enabled, scheduler.schedule_changed()])
"""
UPDATE = "PeriodicTask.objects.filter(name='remind').update(enabled=False)"


@pytest.fixture(autouse=True)
def _beat() -> None:
    pytest.importorskip("django_celery_beat")


BULK = """
    row = PeriodicTask.objects.get(name="remind")
    row.enabled = False
    PeriodicTask.objects.bulk_update([row], ["enabled"])
"""


@pytest.mark.parametrize("change", [UPDATE, BULK], ids=["update", "bulk_update"])
def test_beat_sees_no_change(proof: Proof, tmp_path: Path, change: str) -> None:
    source = SOURCE.format(change=change)
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, THEN) == [[False, False]]


@pytest.mark.parametrize(
    "change",
    [
        f"{UPDATE}; PeriodicTasks.update_changed()",
        "entry = PeriodicTask.objects.get(name='remind'); entry.enabled = False; entry.save()",
    ],
)
def test_beat_sees_the_change(proof: Proof, tmp_path: Path, change: str) -> None:
    source = SOURCE.format(change=change)
    assert not proof.findings(source)
    assert run(tmp_path, source, THEN) == [[False, True]]


def test_changed_wants_the_object(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(change="PeriodicTasks.changed()")
    assert len(proof.findings(source)) == 1
    assert run(tmp_path, source, "show(raised(switch_off))") == ["TypeError"]
