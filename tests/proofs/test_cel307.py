from __future__ import annotations

from typing import Any

import pytest
from celery.exceptions import Retry

from tests.proofs.harness import Proof


def delays(task: Any, count: int) -> list[float]:
    """The delay of each of the first retries, in seconds."""
    found = []
    for retries in range(count):
        task.push_request(args=(), kwargs={}, called_directly=False, id="1", retries=retries)
        try:
            with pytest.raises(Retry) as caught:
                task.run()
        finally:
            task.pop_request()
        found.append(caught.value.when)
    return found


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), retry_backoff=900, retry_jitter=False, max_retries=9)
        def fetch():
            raise OSError
        """
    )
    assert delays(module.fetch, 4) == [600, 600, 600, 600]


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(
            autoretry_for=(OSError,),
            retry_backoff=60,
            retry_backoff_max=200,
            retry_jitter=False,
            max_retries=9,
        )
        def fetch():
            raise OSError
        """
    )
    assert delays(module.fetch, 4) == [60, 120, 200, 200]
