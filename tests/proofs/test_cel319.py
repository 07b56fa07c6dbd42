from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import Proof, project_module, since, wait_for, worker_process

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


@since("5.5", "the message is rejected and gone")
def test_put_back_by_its_limit(proof: Proof, tmp_path: Path) -> None:
    options = f"{LATE}, acks_on_failure_or_timeout=False"
    assert proof.findings(SOURCE.format(options=options))
    assert runs_of(tmp_path, options, 3, 12) >= 3


def test_older(proof: Proof) -> None:
    source = SOURCE.format(options=f"{LATE}, acks_on_failure_or_timeout=False")
    assert not proof.findings(source, celery_target_version="5.4")


def test_acknowledged_at_its_limit(proof: Proof, tmp_path: Path) -> None:
    assert not proof.findings(SOURCE.format(options=LATE))
    assert runs_of(tmp_path, LATE, 2, 4) == 1


@pytest.mark.parametrize(
    "options",
    [
        f"{LATE}, acks_on_failure_or_timeout=False, soft_time_limit=0.5",
        "acks_late=True, acks_on_failure_or_timeout=False",
        "time_limit=1, acks_on_failure_or_timeout=False",
        f"{LATE}, acks_on_failure_or_timeout=False, acks_on_timeout=True",
    ],
)
def test_silent(proof: Proof, options: str) -> None:
    proof.good(SOURCE.format(options=options), run=False)


def runs_of(folder: Path, options: str, wanted: int, patience: float) -> int:
    """How often a worker starts the task, waiting for so many runs and so long."""
    runs = folder / "runs"

    def count() -> int:
        return len(runs.read_text()) if runs.exists() else 0

    with worker_process(folder, TASK.format(options=options), "--loglevel=INFO"):
        log = folder / "worker.log"
        assert wait_for(lambda: "ready." in log.read_text())
        project_module(folder).report.delay()
        assert wait_for(lambda: count() >= 1)
        wait_for(lambda: count() >= wanted, patience)
    return count()
