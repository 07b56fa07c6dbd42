from __future__ import annotations

import datetime

from celery.beat import Scheduler

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app

    ran = []

    @app.task(name="proof.send_reminders")
    def send_reminders():
        ran.append(1)

    app.conf.beat_schedule = {{"remind": {{"task": {name!r}, "schedule": 60.0}}}}
    """


def run(proof: Proof, name: str) -> bool:
    """Whether the task runs once beat has sent its entry and a worker has had time for it."""
    module = proof.start(SOURCE.format(name=name))
    scheduler = Scheduler(proof.app)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - datetime.timedelta(days=2)
    scheduler.tick()
    with proof.worker():
        return wait_for(lambda: bool(module.ran), PAUSE)


def test_thrown_away(proof: Proof) -> None:
    assert len(proof.findings(SOURCE.format(name="proof.send_reminder"))) == 1
    assert not run(proof, "proof.send_reminder")
    assert proof.published() == [], "the worker took the message and threw it away"


def test_good(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(name="proof.send_reminders"))
    assert run(proof, "proof.send_reminders")
