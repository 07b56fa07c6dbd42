from __future__ import annotations

from tests.proofs.harness import PAUSE, Proof

SOURCE = """
    import time
    from celery import current_app as app

    @app.task({options})
    def report():
        time.sleep({pause})
        return "done"
    """


def test_ignored(proof: Proof) -> None:
    source = SOURCE.format(options="time_limit=0.2, soft_time_limit=0.1", pause=PAUSE)
    module = proof.bad(source, 2, celery_pool="solo")
    with proof.worker(pool="solo"):
        assert proof.finish(module.report.delay()) == ("SUCCESS", "done")
    with proof.worker(pool="threads", concurrency=1):
        assert proof.finish(module.report.delay()) == ("SUCCESS", "done")


def test_named_by_the_settings(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop")
        app.conf.worker_pool = "{pool}"

        @app.task(time_limit=1)
        def report(): ...
        """
    assert len(proof.findings(source.format(pool="solo"))) == 1
    assert not proof.findings(source.format(pool="prefork"))


def test_good(proof: Proof) -> None:
    source = SOURCE.format(options="time_limit=0.2", pause=0)
    assert not proof.findings(source, celery_pool="prefork")
    assert not proof.findings(source, celery_pool="gevent, threads"), "gevent enforces it"
    assert not proof.findings(source)


def test_prefork_enforces_both(proof: Proof, tmp_path: object) -> None:
    from pathlib import Path

    from tests.proofs.harness import project_module, worker_process

    folder = Path(str(tmp_path))
    source = "import time\n\n@app.task(soft_time_limit=1)\ndef report():\n    time.sleep(20)\n"
    with worker_process(folder, source):
        module = project_module(folder)
        state, error = proof.finish(module.report.delay())
    assert state == "FAILURE"
    assert "SoftTimeLimitExceeded" in repr(error)
