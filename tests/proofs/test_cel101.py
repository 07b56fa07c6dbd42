from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import celery
import pytest

from tests.proofs.harness import Proof, project_module, worker_process

SOURCE = """
    from celery import shared_task

    @shared_task(soft_time_limit={soft}, time_limit={hard})
    def report():
        return "done"
    """


@pytest.mark.skipif(
    tuple(map(int, celery.__version__.split(".")[:2])) < (5, 5), reason="checked since Celery 5.5"
)
def test_above_on_a_task(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(soft=60, hard=30))
    with pytest.raises(ValueError, match="soft_time_limit"):
        module.report.delay()


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(soft=30, hard=60))
    with proof.worker():
        assert proof.finish(module.report.delay()) == ("SUCCESS", "done")


def test_above_on_a_call(proof: Proof, tmp_path: Path) -> None:
    """Nothing checks the call; the process is killed and the soft limit never comes."""
    source = """
        import time
        from celery.exceptions import SoftTimeLimitExceeded

        @app.task
        def report():
            try:
                time.sleep(20)
            except SoftTimeLimitExceeded:
                return "cleaned up"

        def send():
            return report.apply_async(soft_time_limit={soft}, time_limit={hard})
        """
    assert proof.findings(
        "from celery import Celery\napp = Celery()\n" + dedent(source).format(soft=9, hard=1)
    )
    with worker_process(tmp_path, dedent(source).format(soft=9, hard=1), "-P", "prefork"):
        module = project_module(tmp_path)
        state, error = proof.finish(module.send())
    assert (state, type(error).__name__) == ("FAILURE", "TimeLimitExceeded")


SETTINGS = """
    from celery import Celery

    app = Celery("proof", broker="memory://", set_as_current=False)
    {settings}

    @app.task({options})
    def report():
        return "done"

    def send():
        report.apply_async({call})
    """
HARD = "app.conf.task_time_limit = 30"
SOFT = "app.conf.task_soft_time_limit = 60"


@pytest.mark.parametrize(
    ("settings", "options"),
    [(HARD, "soft_time_limit=60"), (SOFT, "time_limit=30"), (f"{HARD}; {SOFT}", "")],
)
def test_the_settings_other_limit(proof: Proof, settings: str, options: str) -> None:
    module = proof.bad(SETTINGS.format(settings=settings, options=options, call=""))
    if celery.VERSION >= (5, 7):
        with pytest.raises(ValueError, match="soft_time_limit"):
            module.send()


def test_where_limits_come_from(proof: Proof) -> None:
    told = {
        (HARD, "soft_time_limit=20", ""): 0,
        (HARD, "soft_time_limit=60, time_limit=90", ""): 0,
        (HARD, "", "soft_time_limit=30"): 1,
        ("", "time_limit=30", "soft_time_limit=60"): 1,
        ("", "soft_time_limit=30", "time_limit=20"): 1,
        ("", "time_limit=30", "soft_time_limit=20"): 0,
        ("app.conf.task_time_limit = chosen()", "soft_time_limit=60", ""): 0,
        (f"{HARD}; app.conf.task_annotations = {{}}", "soft_time_limit=60", ""): 0,
        ("import os; app.conf.task_time_limit = os.environ.get('T', 30)",
         "soft_time_limit=60", ""): 1,
    }  # fmt: skip
    for (settings, options, call), count in told.items():
        source = SETTINGS.format(settings=settings, options=options, call=call)
        found = proof.findings(source)
        assert len(found) == count, (settings, options, call)
