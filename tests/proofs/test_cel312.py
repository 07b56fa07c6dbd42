from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import Proof, project_module, wait_for
from tests.proofs.redis_server import redis_server, redis_worker, runs, stop

SOURCE = """
    from celery import Celery

    app = Celery("shop", broker="redis://localhost")
    app.conf.broker_transport_options = {{"visibility_timeout": 1}}

    @app.task({options})
    def report(): ...
    """


@pytest.mark.parametrize(
    ("options", "several"), [("acks_late=True, time_limit=30", True), ("time_limit=30", False)]
)
def test_started_again(proof: Proof, tmp_path: Path, options: str, several: bool) -> None:
    assert bool(proof.findings(SOURCE.format(options=options))) == several
    task = f"import time\n@app.task({options})\ndef report():\n    note('ran')\n    time.sleep(6)\n"
    with redis_server(tmp_path) as url:
        worker = redis_worker(tmp_path, url, task, timeout=1)
        try:
            log = tmp_path / "worker.log"
            assert wait_for(lambda: "ready." in log.read_text())
            project_module(tmp_path).report.delay()
            assert wait_for(lambda: runs(tmp_path) >= 1)
            wait_for(lambda: runs(tmp_path) > 1, 5)
        finally:
            stop(worker)
    assert (runs(tmp_path) > 1) == several


@pytest.mark.parametrize(
    ("options", "more", "count"),
    [
        ("acks_late=True, time_limit=0.5", "", 0),
        ("acks_late=True", "app.conf.task_time_limit = 30", 1),
        ("acks_late=True", "", 0),
        ("time_limit=30", "app.conf.task_acks_late = True", 1),
        ("acks_late=True, time_limit=30, soft_time_limit=0.5", "", 0),
    ],
)
def test_by_the_settings(proof: Proof, options: str, more: str, count: int) -> None:
    source = SOURCE.format(options=options).replace("    @app", f"    {more}\n\n    @app")
    assert len(proof.findings(source)) == count


LATE = "app.conf.task_acks_late = True; "
LIMIT = "app.conf.task_time_limit = 30; "


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (LATE + LIMIT, 1),
        (LATE, 0),
        (LIMIT, 0),
        (LATE + "app.conf.task_time_limit = 0.5", 0),
        (LATE + LIMIT + "app.conf.task_soft_time_limit = 20", 1),
        (LATE + LIMIT + "app.conf.task_soft_time_limit = 0.5", 0),
    ],
)
def test_both_in_the_settings(proof: Proof, settings: str, count: int) -> None:
    source = SOURCE.format(options="").replace("    @app", f"    {settings}\n\n    @app")
    assert len(proof.findings(source)) == count
