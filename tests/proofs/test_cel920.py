from __future__ import annotations

import time

import pytest

from tests.proofs.harness import PAUSE, Proof


def test_failure_without_exception(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def load(self):
            self.update_state(state="FAILURE", meta={"reason": "no rows"})
        """
    )
    with proof.worker():
        result = module.load.delay()
        time.sleep(PAUSE)
    with pytest.raises(ValueError, match="Exception information"):
        assert result.state


def test_state_by_position(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(bind=True)
        def load(self):
            self.update_state({state}, meta={{"done": 1}})
            return self.AsyncResult(self.request.id).state
        """
    bad = proof.bad(source.format(state='"PROGRESS"'))
    good = proof.good(source.format(state='state="PROGRESS"'))
    with proof.worker():
        assert proof.finish(bad.load.delay()) == ("SUCCESS", "PENDING")
        assert proof.finish(good.load.delay()) == ("SUCCESS", "PROGRESS")
