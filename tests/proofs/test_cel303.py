from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    runs = []

    @shared_task(bind=True, max_retries=2, default_retry_delay=60)
    def push(self):
        runs.append(self.request.retries)
        try:
            raise OSError
        except OSError as err:
            {again}
    """


def test_it_counts_as_succeeded(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(again="self.retry(exc=err, throw=False)"))
    with proof.worker():
        state, _ = proof.finish(module.push.delay())
    assert (state, module.runs) == ("SUCCESS", [0])


@pytest.mark.parametrize("name", ["again", "err"])
def test_raised_it_counts_as_retried(proof: Proof, name: str) -> None:
    again = f"{name} = self.retry(exc=err, throw=False); raise {name}"
    module = proof.good(SOURCE.format(again=again))
    with proof.worker():
        result = module.push.delay()
        assert proof.settle(result) == "RETRY"
