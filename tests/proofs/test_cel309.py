from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    runs = []

    @shared_task(bind=True, max_retries=2, default_retry_delay=0{options})
    def push(self):
        runs.append(1)
        try:
            open("/dev/null/none")
        except OSError as err:
            {handler}
    """


def test_it_runs_once(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(options="", handler="raise"))
    with proof.worker():
        state, error = proof.finish(module.push.delay())
    assert (state, type(error), len(module.runs)) == ("FAILURE", NotADirectoryError, 1)


@pytest.mark.parametrize(
    ("options", "handler"),
    [(", autoretry_for=(OSError,)", "raise"), ("", "raise self.retry(exc=err)")],
)
def test_it_is_retried(proof: Proof, options: str, handler: str) -> None:
    module = proof.good(SOURCE.format(options=options, handler=handler))
    with proof.worker():
        proof.finish(module.push.delay())
    assert len(module.runs) == 3
