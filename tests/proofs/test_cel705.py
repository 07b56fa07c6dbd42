from __future__ import annotations

import datetime
import logging

import pytest
from celery.beat import Scheduler

from tests.proofs.harness import Proof

SOURCE = """
    from celery import current_app as app

    @app.task(name="proof.clean")
    def clean(days):
        return days

    {schedule}
    """
TABLE = 'app.conf.beat_schedule = {{"clean": {{"task": "proof.clean", "schedule": 60.0{}}}}}'
ADDED = "app.add_periodic_task(60.0, {})"


def tick(proof: Proof, schedule: str) -> None:
    """Let beat send what is due now."""
    proof.start(SOURCE.format(schedule=schedule))
    scheduler = Scheduler(proof.app)
    scheduler.sync_every_tasks = None
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - datetime.timedelta(days=2)
    scheduler.tick()


@pytest.mark.parametrize(
    "schedule",
    [
        TABLE.format(""),
        TABLE.format(', "args": (1, 2)'),
        TABLE.format(', "kwargs": {"day": 1}'),
        TABLE.format(', "args": (1,), "kwargs": {"days": 1}'),
        ADDED.format("clean.s()"),
        ADDED.format("clean.s(1), (2,)"),
        ADDED.format("clean.si(day=1)"),
    ],
)
def test_logged_and_never_sent(
    proof: Proof, schedule: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(proof.findings(SOURCE.format(schedule=schedule))) == 1
    with caplog.at_level(logging.ERROR):
        tick(proof, schedule)
    assert proof.published() == []
    assert "TypeError" in caplog.text


@pytest.mark.parametrize(
    "schedule",
    [
        TABLE.format(', "args": (1,)'),
        TABLE.format(', "kwargs": {"days": 1}'),
        ADDED.format("clean.s(1)"),
        ADDED.format("clean.s(), (1,)"),
        ADDED.format("clean.si(1), (2,)"),
        ADDED.format("clean.s(), kwargs={'days': 1}"),
    ],
)
def test_good(proof: Proof, schedule: str) -> None:
    assert not proof.findings(SOURCE.format(schedule=schedule))
    tick(proof, schedule)
    assert len(proof.published()) == 1
