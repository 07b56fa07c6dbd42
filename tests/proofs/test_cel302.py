from __future__ import annotations

import time

from tests.proofs.harness import PAUSE, Proof


def test_bad(proof: Proof) -> None:
    """SUCCESS is stored while the message is sent once more."""
    module = proof.bad(
        """
        from celery import shared_task

        runs = []

        @shared_task(bind=True, max_retries=1, default_retry_delay=0)
        def sync(self, pk):
            runs.append(pk)
            try:
                if len(runs) == 1:
                    raise self.retry()
            except Exception:
                return "swallowed"
            return "again"
        """
    )
    with proof.worker():
        state, value = proof.finish(module.sync.delay(1))
        assert (state, value) == ("SUCCESS", "swallowed")
        time.sleep(PAUSE)
    assert module.runs == [1, 1]


def test_replace(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        ends = []

        @shared_task
        def other():
            ends.append("other")

        @shared_task(bind=True)
        def sync(self):
            try:
                self.replace(other.s())
            except Exception:
                ends.append("swallowed")
        """
    )
    with proof.worker():
        module.sync.delay()
        time.sleep(PAUSE)
    # both ran to their end, under one task id
    assert sorted(module.ends) == ["other", "swallowed"]


def test_in_what_the_task_calls(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        runs = []

        def push(task):
            if len(runs) == 1:
                raise task.retry()

        @shared_task(bind=True, max_retries=1, default_retry_delay=0)
        def sync(self, pk):
            runs.append(pk)
            try:
                push(self)
            except Exception:
                return "swallowed"
            return "again"
        """
    )
    with proof.worker():
        assert proof.finish(module.sync.delay(1)) == ("SUCCESS", "swallowed")
        time.sleep(PAUSE)
    assert module.runs == [1, 1]


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task
        from celery.exceptions import Retry

        runs = []

        @shared_task(bind=True, default_retry_delay=0)
        def sync(self, pk):
            runs.append(pk)
            try:
                if len(runs) == 1:
                    raise self.retry()
            except Retry:
                raise
            except Exception:
                return "swallowed"
            return "again"
        """
    )
    with proof.worker():
        assert proof.finish(module.sync.delay(1)) == ("SUCCESS", "again")
