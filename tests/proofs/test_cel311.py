from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import Proof, project_module, wait_for
from tests.proofs.redis_server import redis_server, redis_worker, runs, stop

HEAD = """
    import datetime
    from celery import Celery

    app = Celery("shop", broker="redis://localhost")
    {settings}

    @app.task
    def remind(): ...

    """


@pytest.mark.parametrize(("timeout", "several"), [(1, True), (3600, False)])
def test_delivered_again(proof: Proof, tmp_path: Path, timeout: int, several: bool) -> None:
    settings = f"app.conf.broker_transport_options = {{'visibility_timeout': {timeout}}}"
    source = HEAD.format(settings=settings) + "remind.apply_async(countdown=5)\n"
    assert bool(proof.findings(source)) == several
    task = "@app.task\ndef remind():\n    note('ran')\n"
    with redis_server(tmp_path) as url:
        worker = redis_worker(tmp_path, url, task, timeout=timeout)
        try:
            log = tmp_path / "worker.log"
            assert wait_for(lambda: "ready." in log.read_text())
            project_module(tmp_path).remind.apply_async(countdown=5)
            assert wait_for(lambda: runs(tmp_path) >= 1)
            wait_for(lambda: runs(tmp_path) > 1, 2)
        finally:
            stop(worker)
    assert (runs(tmp_path) > 1) == several


@pytest.mark.parametrize(
    ("call", "settings", "count"),
    [
        ("remind.apply_async(countdown=3600)", "", 1),
        ("remind.apply_async(countdown=3599)", "", 0),
        ("remind.apply_async(countdown=1800)", "", 0),
        ("remind.apply_async(countdown=datetime.timedelta(hours=3).total_seconds())", "", 1),
        (
            "remind.apply_async(eta=datetime.datetime.now(datetime.timezone.utc)"
            " + datetime.timedelta(days=1))",
            "",
            1,
        ),
        (
            "remind.apply_async(countdown=7200)",
            "app.conf.broker_transport_options = {'visibility_timeout': 9000}",
            0,
        ),
        ("remind.apply_async(countdown=7200)", "app.conf.broker_transport_options = made()", 0),
        ("remind.apply_async(countdown=7200)", "app.conf.broker_url = 'amqp://localhost'", 0),
    ],
)
def test_by_the_settings(proof: Proof, call: str, settings: str, count: int) -> None:
    assert len(proof.findings(HEAD.format(settings=settings) + call)) == count


def test_said_by_the_user(proof: Proof) -> None:
    source = HEAD.format(settings="app.conf.broker_url = made()")
    call = "remind.apply_async(countdown=1800)"
    assert not proof.findings(source + call)
    assert not proof.findings(source + call, celery_broker="redis")
    [finding] = proof.findings(source + call, celery_broker="sqs")
    assert "with this broker" not in finding.message


@pytest.mark.parametrize(
    ("options", "longest"),
    [
        ("retry_backoff=60, retry_backoff_max=7200, max_retries=9", 7200),
        ("retry_backoff=60, retry_backoff_max=7200, max_retries=3", 240),
        ("retry_backoff=True, retry_backoff_max=90000, max_retries=None", 90000),
        ("retry_backoff=2000, retry_backoff_max=7200", 7200),
    ],
)
def test_the_longest_backoff(proof: Proof, options: str, longest: int) -> None:
    from celery.utils.time import get_exponential_backoff_interval

    source = f"""
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")

        @app.task(autoretry_for=(OSError,), {options})
        def fetch(): ...
        """
    assert bool(proof.findings(source)) == (longest >= 3600)
    task = proof.load(source).fetch
    retries = 40 if task.max_retries is None else task.max_retries - 1
    factor = int(max(1, float(task.retry_backoff)))
    assert get_exponential_backoff_interval(factor, retries, task.retry_backoff_max) == longest


@pytest.mark.parametrize(("option", "count"), [("eta=moment", 0), ("countdown=86400", 1)])
def test_eta_that_waits_in_another_store(proof: Proof, option: str, count: int) -> None:
    source = f"""
    import datetime
    from celery import Celery
    from celery_longterm_scheduler import Task

    app = Celery("shop", broker="redis://localhost:6379/0", task_cls=Task)

    @app.task
    def remind(pk): ...

    def later(pk):
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300)
        remind.apply_async((pk,), {option})
    """
    assert len(proof.findings(source)) == count
