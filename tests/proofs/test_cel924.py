from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.harness import Proof, wait_for, write_project

HEAD = """
    from celery import Celery

    app = Celery("tasks")
    """
START = """
    app.worker_main(["worker", "-P", "solo", "-l", "info"])
    """
TASK = """
    @app.task(name="late")
    def late(): ...
    """
CLIENT = """
import sys
from celery import Celery

app = Celery("client", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": f"{sys.argv[1]}/broker",
    "data_folder_out": f"{sys.argv[1]}/broker",
    "processed_folder": f"{sys.argv[1]}/processed",
    "control_folder": f"{sys.argv[1]}/broker",
}
app.send_task("late")
"""


@pytest.mark.parametrize("above", [True, False])
def test_below_the_start(proof: Proof, tmp_path: Path, above: bool) -> None:
    body = TASK + START if above else START + TASK
    assert bool(proof.findings(HEAD + body)) != above
    write_project(tmp_path, body)
    subprocess.run([sys.executable, "-c", CLIENT, str(tmp_path)], check=True)
    log = tmp_path / "worker.log"
    with log.open("w") as stream:
        worker = subprocess.Popen(
            [sys.executable, "tasks.py"], cwd=tmp_path, stdout=stream, stderr=stream
        )
        try:
            wait_for(lambda: "unregistered task" in log.read_text() or "succ" in log.read_text())
        finally:
            worker.kill()
            worker.wait()
    assert ("unregistered task" in log.read_text()) != above


def test_only_as_a_script(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop")

        def main():
            @app.task(name="inner")
            def recount(shelf): ...

        {run}
        """
    guarded = "if __name__ == '__main__':\n            main()"
    module = proof.bad(source.replace("{run}", guarded))
    assert "inner" not in module.app.tasks, "as a worker that imports the module sees it"
    assert "inner" in proof.good(source.replace("{run}", "main()")).app.tasks
