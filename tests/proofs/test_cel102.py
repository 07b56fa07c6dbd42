from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.proofs.harness import Proof, project_module, wait_for, worker_process

HEAD = "from celery import Celery\napp = Celery()\n"
SOURCE = dedent(
    """
    @app.task
    def add(x):
        return x

    @app.task
    def total():
        return {wait}
    """
)


@pytest.mark.parametrize(
    ("pool", "wait"),
    [
        ("solo", "add.delay(1).get()"),
        ("threads", "add.apply((1,)).get()"),
        ("prefork", "add.apply_async((1,)).wait()"),
    ],
)
def test_bad(proof: Proof, tmp_path: Path, pool: str, wait: str) -> None:
    source = SOURCE.format(wait=wait)
    assert proof.findings(HEAD + source)
    with worker_process(tmp_path, source, "-P", pool):
        state, error = proof.finish(project_module(tmp_path).total.delay())
    assert (state, type(error)) == ("FAILURE", RuntimeError)
    assert "Never call result.get() within a task" in str(error)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        seen = []

        @shared_task
        def add(x):
            return x

        @shared_task
        def tell(x):
            seen.append(x)

        @shared_task
        def total():
            (add.s(1) | tell.s()).delay()
        """
    )
    with proof.worker():
        proof.finish(module.total.delay())
        assert wait_for(lambda: module.seen == [1])


def test_what_to_do_in_an_error_callback(proof: Proof) -> None:
    source = """
    from celery import shared_task
    from celery.result import AsyncResult

    @shared_task
    def failed(task_id):
        error = AsyncResult(task_id).get(propagate=False)
    """
    [found] = proof.findings(source)
    assert found.message.endswith("(request, exc, traceback)")
