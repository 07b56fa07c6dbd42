from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.proofs.harness import Proof, project_module, since, worker_process

HEAD = "from celery import Celery\napp = Celery()\n"
SOURCE = dedent(
    """
    import os, sys

    @app.task
    def load(path):
        if not path:
            {exit}
        return path
    """
)


BEFORE = since("5.7", "the exit ends the worker itself, and the result never comes")


@pytest.mark.parametrize(
    "exit_",
    [
        pytest.param("sys.exit(1)", marks=BEFORE),
        "os._exit(1)",
        pytest.param("raise SystemExit", marks=BEFORE),
    ],
)
def test_bad(proof: Proof, tmp_path: Path, exit_: str) -> None:
    source = SOURCE.format(exit=exit_)
    assert len(proof.findings(HEAD + source)) == 1
    with worker_process(tmp_path, source, "-P", "prefork"):
        state, error = proof.finish(project_module(tmp_path).load.delay(""))
    assert (state, type(error).__name__) == ("FAILURE", "WorkerLostError")


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        import sys
        from celery import shared_task

        def main(path):
            sys.exit(1)

        @shared_task
        def load(path):
            if not path:
                raise ValueError("no path")

        @shared_task
        def run(path):
            try:
                sys.exit(1)
            except SystemExit as error:
                return error.code
        """
    )
    with proof.worker():
        state, error = proof.finish(module.load.delay(""))
        assert (state, type(error)) == ("FAILURE", ValueError)
        assert proof.finish(module.run.delay("")) == ("SUCCESS", 1)
