from __future__ import annotations

from typing import Any

import pytest
from celery.exceptions import Retry

from tests.proofs.harness import Proof


def delay(task: Any) -> float:
    """The delay of the first retry, in seconds."""
    task.push_request(args=(), kwargs={}, called_directly=False, id="1", retries=0)
    try:
        with pytest.raises(Retry) as caught:
            task.run()
    finally:
        task.pop_request()
    when = caught.value.when
    assert isinstance(when, (int, float))
    return when


@pytest.mark.parametrize(
    ("options", "waits"),
    [
        ("retry_backoff=0.5, retry_jitter=False", 1),
        ("retry_backoff=2.9, retry_jitter=False", 2),
        ("retry_backoff_max=60", 180),
        ("retry_jitter=True", 180),
        ("retry_backoff=7, retry_jitter=False, default_retry_delay=10", 7),
        ("retry_backoff=7, retry_jitter=False, retry_kwargs={'countdown': 60}", 7),
    ],
)
def test_bad(proof: Proof, options: str, waits: float) -> None:
    module = proof.bad(
        f"""
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), {options})
        def fetch():
            raise OSError
        """
    )
    assert delay(module.fetch) == waits


def test_max_retries_none(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(bind=True, max_retries=1{retries})
        def fetch(self):
            raise self.retry(max_retries={value}, exc=OSError("down"), countdown=0)
        """
    module = proof.bad(source.format(value="None", retries=""))
    with proof.worker():
        state, error = proof.finish(module.fetch.delay())
    assert (state, type(error)) == ("FAILURE", OSError)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), default_retry_delay=10)
        def pull():
            raise OSError
        """
    )
    assert delay(module.pull) == 10
