from __future__ import annotations

import pytest
from celery.exceptions import Retry

from tests.proofs.harness import Proof

SOFT = """
    from celery import shared_task
    from celery.exceptions import SoftTimeLimitExceeded

    runs = []

    @shared_task(
        {options}, soft_time_limit=30, max_retries=1, default_retry_delay=0
    )
    def report():
        runs.append(1)
        raise SoftTimeLimitExceeded(30)  # what the pool raises in here after 30 seconds
    """
REJECT = """
    from celery import shared_task
    from celery.exceptions import Reject

    runs = []

    @shared_task({options}, acks_late=True, max_retries=1, default_retry_delay=0)
    def report():
        runs.append(1)
        raise Reject("no such order", requeue=False)
    """


@pytest.mark.parametrize("source", [SOFT, REJECT])
def test_what_should_end_it_starts_it_again(proof: Proof, source: str) -> None:
    module = proof.bad(source.format(options="autoretry_for=(Exception,)"))
    with proof.worker():
        proof.finish(module.report.delay())
    assert len(module.runs) == 2


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (SOFT, "autoretry_for=(OSError,)"),
        (SOFT, "autoretry_for=(Exception,), dont_autoretry_for=(SoftTimeLimitExceeded,)"),
        (REJECT, "autoretry_for=(Exception,), dont_autoretry_for=(Reject,)"),
    ],
)
def test_it_ends(proof: Proof, source: str, options: str) -> None:
    module = proof.good(source.format(options=options))
    with proof.worker():
        proof.settle(module.report.delay())
    assert len(module.runs) == 1


def test_base_exception_takes_the_exit_too(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(BaseException,))
        def report():
            raise SystemExit
        """
    )
    module.report.push_request(args=(), kwargs={}, called_directly=False, id="1", retries=0)
    try:
        with pytest.raises(Retry):
            module.report.run()
    finally:
        module.report.pop_request()
