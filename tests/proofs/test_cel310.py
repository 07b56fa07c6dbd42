from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import PAUSE, Proof, project_module, wait_for, worker_process

SOURCE = """
import os, time

@app.task({options})
def charge():
    with open("{folder}/ran.txt", "a") as stream:
        stream.write("x" + chr(10))
    if os.path.getsize("{folder}/ran.txt") < 4:
        os.kill(os.getpid(), 9)
"""
HEAD = "from celery import Celery\napp = Celery('tasks', broker='memory://')\n"


@pytest.mark.parametrize(
    ("options", "reported", "runs"),
    [
        ("reject_on_worker_lost=True", True, 1),
        ("acks_late=True, reject_on_worker_lost=True", False, 2),
    ],
)
def test_killed_worker(
    proof: Proof, tmp_path: Path, options: str, reported: bool, runs: int
) -> None:
    source = SOURCE.format(options=options, folder=tmp_path)
    assert bool(proof.findings(HEAD + source)) == reported
    ran = tmp_path / "ran.txt"
    with worker_process(tmp_path, source):
        project_module(tmp_path).charge.delay()
        assert wait_for(lambda: ran.exists() and len(ran.read_text().split()) >= runs)
        wait_for(lambda: len(ran.read_text().split()) > runs, PAUSE * 3)
    assert len(ran.read_text().split()) == runs


@pytest.mark.parametrize(
    "more",
    [
        "app.conf.task_acks_late = True",
        "app.conf.task_annotations = {'*': {'acks_late': True}}",
        "app.config_from_object('somewhere')",
    ],
)
def test_late_by_the_settings(proof: Proof, more: str) -> None:
    task = "\n@app.task(reject_on_worker_lost=True)\ndef f(): ...\n"
    assert not proof.findings(HEAD + more + task)
    assert proof.findings(HEAD + task)
