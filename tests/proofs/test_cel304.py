from __future__ import annotations

from typing import Any

import pytest
from celery.exceptions import Retry

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    """No retry by itself; a retry by hand waits default_retry_delay, whatever the backoff says."""
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(retry_backoff=True, retry_kwargs={"max_retries": 5})
        def fetch():
            raise OSError("down")

        @shared_task(bind=True, retry_backoff=1)
        def pay(self):
            raise self.retry(exc=OSError("down"))
        """,
        count=2,
    )
    with proof.worker():
        state, error = proof.finish(module.fetch.delay())
        assert (state, type(error)) == ("FAILURE", OSError)
    with pytest.raises(Retry) as caught:
        _run_once(module.pay)
    assert caught.value.when == 180


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), retry_backoff=7, retry_jitter=False)
        def fetch():
            raise OSError("down")
        """
    )
    with pytest.raises(Retry) as caught:
        _run_once(module.fetch)
    assert caught.value.when == 7


def _run_once(task: Any) -> None:
    """Run the task's body as a worker does, once."""
    task.push_request(args=(), kwargs={}, called_directly=False, id="1", retries=0)
    try:
        task.run()
    finally:
        task.pop_request()


def test_what_the_retry_waits_for(proof: Proof) -> None:
    source = """
    from celery import shared_task

    @shared_task(bind=True, retry_backoff=3)
    def fetch(self):
        raise self.retry({given})
    """
    for given, waits in {"": "default_retry_delay", "countdown=7": "its countdown"}.items():
        [found] = proof.findings(source.format(given=given))
        assert found.message.endswith(waits)
