from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import Proof, project_module, wait_for, worker_process

SOURCE = """
    from celery import Celery

    app = Celery("shop", broker="amqp://")

    @app.task({options})
    def report(): ...
    """
TASK = """
import pathlib, time

RUNS = pathlib.Path(__file__).with_name("runs")

@app.task({options})
def report():
    with RUNS.open("a") as runs:
        runs.write("x")
    time.sleep(30)
"""
LATE = "acks_late=True, time_limit=1"


@pytest.mark.parametrize(
    ("options", "again"), [(f"{LATE}, acks_on_failure_or_timeout=False", True), (LATE, False)]
)
def test_put_back_by_its_limit(proof: Proof, tmp_path: Path, options: str, again: bool) -> None:
    assert bool(proof.findings(SOURCE.format(options=options))) == again
    runs = tmp_path / "runs"

    def count() -> int:
        return len(runs.read_text()) if runs.exists() else 0

    with worker_process(tmp_path, TASK.format(options=options), "--loglevel=INFO"):
        log = tmp_path / "worker.log"
        assert wait_for(lambda: "ready." in log.read_text())
        project_module(tmp_path).report.delay()
        assert wait_for(lambda: count() >= 1)
        wait_for(lambda: count() >= 3, 12 if again else 4)
    assert (count() >= 3) == again, count()
    assert again or count() == 1
