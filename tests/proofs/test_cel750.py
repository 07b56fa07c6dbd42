from __future__ import annotations

import time
from typing import Any

from celery.beat import Scheduler

from tests.proofs.harness import PAUSE, Proof

SOURCE = """
    from celery import current_app as app
    from celery import shared_task

    runs = []

    @shared_task(name="shop.count")
    def count():
        runs.append(1)

    app.conf.beat_schedule = {{
        "count": {{"task": "shop.count", "schedule": 60.0{options}}},
    }}
"""
PLAIN = SOURCE.replace("current_app as app", "Celery").replace(
    "    runs = []", '    app = Celery("shop")\n    runs = []'
)


def after_an_outage(proof: Proof, module: Any) -> int:
    """How often the task runs that beat sent three times while no worker was there."""
    scheduler = Scheduler(proof.app, lazy=True)
    scheduler.setup_schedule()
    entry = scheduler.schedule["count"]
    for _ in range(3):
        scheduler.apply_async(entry, advance=False)
    time.sleep(0.4)
    with proof.worker():
        time.sleep(PAUSE)
    return len(module.runs)


def test_bad(proof: Proof) -> None:
    proof.bad(PLAIN.format(options=""), run=False)
    assert after_an_outage(proof, proof.start(SOURCE.format(options=""))) == 3


def test_good(proof: Proof) -> None:
    options = ', "options": {"expires": 0.3}'
    proof.good(PLAIN.format(options=options), run=False)
    assert after_an_outage(proof, proof.start(SOURCE.format(options=options))) == 0
