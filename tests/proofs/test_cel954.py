from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.proofs.harness import Proof, project_module, worker_process

HEAD = "from celery import Celery\napp = Celery()\n"
SOURCE = dedent(
    """
    import logging
    from celery.utils.log import get_task_logger

    logger = {logger}("shop")

    @app.task
    def charge():
        logger.warning("charging")
    """
)


def logged(proof: Proof, folder: Path, source: str) -> str:
    """The line that a worker writes for the task's own."""
    with worker_process(folder, source, "-P", "solo"):
        proof.finish(project_module(folder).charge.delay())
    lines = (folder / "worker.log").read_text().splitlines()
    return next(line for line in lines if "charging" in line)


def test_bad(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(logger="logging.getLogger")
    assert len(proof.findings(HEAD + source)) == 1
    assert "tasks.charge" not in logged(proof, tmp_path, source)


def test_good(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(logger="get_task_logger")
    assert not proof.findings(HEAD + source)
    assert "tasks.charge" in logged(proof, tmp_path, source)
