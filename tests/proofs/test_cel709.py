from __future__ import annotations

from celery.beat import Scheduler

from tests.proofs.harness import Proof

SOURCE = """
    import random
    from celery import current_app as app
    from celery.schedules import crontab

    app.conf.beat_schedule = {{
        "report": {{"task": "shop.report", "schedule": {schedule}}},
    }}
    """


def schedules(proof: Proof, schedule: str) -> set[object]:
    """The schedules that beat has after each of twenty starts."""
    found = set()
    for _ in range(20):
        proof.load(SOURCE.format(schedule=schedule))
        found.add(str(Scheduler(proof.app).schedule["report"].schedule))
    return found


def test_each_start_another(proof: Proof) -> None:
    schedule = "crontab(minute=random.randint(0, 59), hour=3)"
    assert len(proof.findings(SOURCE.format(schedule=schedule))) == 1
    assert len(schedules(proof, schedule)) > 1


def test_good(proof: Proof) -> None:
    schedule = "crontab(minute=17, hour=3)"
    assert not proof.findings(SOURCE.format(schedule=schedule))
    assert len(schedules(proof, schedule)) == 1
