from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.core.contract.interface import TaskContract
from flake8_celery.core.contract.lock import Lock, dumps
from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app

    ran = []

    @app.task(name="proof.staff", queue={queue!r})
    def staff():
        ran.append(1)
    """


@pytest.fixture
def lock(tmp_path: Path) -> str:
    """A lock in which two other tasks go to the queue `reports`."""
    tasks = {}
    for name in ("proof.sales", "proof.stock"):
        tasks[name] = TaskContract(name, "tasks.py", "tasks", name, (), queue="reports")
    path = tmp_path / "celery-tasks.lock"
    path.write_text(dumps(Lock(tasks=tasks)))
    return str(path)


def run(proof: Proof, queue: str) -> bool:
    """Whether the task runs where a worker consumes `reports`."""
    module = proof.start(SOURCE.format(queue=queue))
    module.staff.delay()
    with proof.worker(queues=["reports", proof.app.conf.task_default_queue]):
        return wait_for(lambda: bool(module.ran), PAUSE)


@pytest.mark.filterwarnings("ignore::celery.exceptions.CDeprecationWarning")
def test_waits_for_ever(proof: Proof, lock: str) -> None:
    assert len(proof.findings(SOURCE.format(queue="reprots"), celery_lock=lock)) == 1
    assert not run(proof, "reprots")


@pytest.mark.filterwarnings("ignore::celery.exceptions.CDeprecationWarning")
def test_good(proof: Proof, lock: str) -> None:
    assert not proof.findings(SOURCE.format(queue="reports"), celery_lock=lock)
    assert run(proof, "reports")


@pytest.mark.parametrize("queue", ["report", "exports"])
def test_another_queue(proof: Proof, lock: str, queue: str) -> None:
    assert not proof.findings(SOURCE.format(queue=queue), celery_lock=lock)
