from __future__ import annotations

import time
import warnings

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        ran = []

        @shared_task
        async def fetch(url):
            ran.append(url)

        @shared_task(ignore_result=True)
        async def ping(url):
            ran.append(url)
        """,
        count=2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # never awaited
        with proof.worker():
            state, error = proof.finish(module.fetch.delay("a"))
            module.ping.delay("b")
            time.sleep(0.3)
    assert state == "FAILURE"
    assert "coroutine" in str(error)
    assert module.ran == []


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        import asyncio
        from celery import shared_task

        async def _fetch(url):
            return url

        @shared_task
        def fetch(url):
            return asyncio.run(_fetch(url))
        """
    )
    with proof.worker():
        assert proof.finish(module.fetch.delay("a")) == ("SUCCESS", "a")


def test_pool_of_another_package(proof: Proof) -> None:
    source = """
    from celery import Celery

    app = Celery("proof", broker="memory://", set_as_current=False)
    app.conf.worker_pool = "{pool}"

    @app.task
    async def fetch(url): ...
    """
    proof.good(source.format(pool="celery_aio_pool.pool:AsyncIOPool"), run=False)
    proof.bad(source.format(pool="celery.concurrency.prefork:TaskPool"), run=False)
