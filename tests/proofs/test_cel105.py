from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.proofs.harness import Proof, project_module, worker_process

SOURCE = """
    import time

    @app.task(time_limit={own})
    def report(seconds):
        time.sleep(seconds)
        return "done"

    def send(seconds):
        return report.apply_async((seconds,){more})
    """


def outcome(proof: Proof, folder: Path, seconds: float, own: object, more: str = "") -> str:
    source = dedent(SOURCE).format(own=own, more=more)
    with worker_process(folder, source, "-P", "prefork"):
        state, answer = proof.finish(project_module(folder).send(seconds))
    return type(answer).__name__ if state == "FAILURE" else state


def told(proof: Proof, own: object, more: str = "") -> bool:
    head = "from celery import Celery\napp = Celery()\n"
    return bool(proof.findings(head + dedent(SOURCE).format(own=own, more=more)))


@pytest.mark.parametrize("limit", [0, None])
def test_a_call_lifts_no_limit(proof: Proof, tmp_path: Path, limit: object) -> None:
    assert told(proof, 1, f", time_limit={limit}")
    assert outcome(proof, tmp_path, 20, 1, f", time_limit={limit}") == "TimeLimitExceeded"


def test_a_longer_limit_on_a_call(proof: Proof, tmp_path: Path) -> None:
    assert not told(proof, 1, ", time_limit=30")
    assert outcome(proof, tmp_path, 2, 1, ", time_limit=30") == "SUCCESS"


@pytest.mark.parametrize(("own", "more"), [(-1, ""), (30, ", time_limit=-1")])
def test_a_negative_limit_kills_at_once(proof: Proof, tmp_path: Path, own: int, more: str) -> None:
    assert told(proof, own, more)
    assert outcome(proof, tmp_path, 5, own, more) == "TimeLimitExceeded"


def test_a_negative_soft_limit(proof: Proof, tmp_path: Path) -> None:
    assert told(proof, 30, ", soft_time_limit=-1")
    state = outcome(proof, tmp_path, 5, 30, ", soft_time_limit=-1")
    assert state == "SoftTimeLimitExceeded"


def test_none_of_its_own(proof: Proof, tmp_path: Path) -> None:
    assert not told(proof, 0)
    assert outcome(proof, tmp_path, 1, 0) == "SUCCESS"


def test_zero_on_a_task_lifts_no_limit_of_the_settings(proof: Proof, tmp_path: Path) -> None:
    """Celery takes the 0 for its own, billiard for none, and then the pool's limit holds."""
    source = dedent(SOURCE).format(own=0, more="") + "\napp.conf.task_time_limit = 1\n"
    assert proof.findings("from celery import Celery\napp = Celery()\n" + source)
    with worker_process(tmp_path, source, "-P", "prefork"):
        _, answer = proof.finish(project_module(tmp_path).send(20))
    assert type(answer).__name__ == "TimeLimitExceeded"
