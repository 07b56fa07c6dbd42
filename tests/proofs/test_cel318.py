from __future__ import annotations

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task
    from celery.exceptions import Retry

    runs = []

    @shared_task(bind=True, default_retry_delay=0)
    def sync(self):
        runs.append(1)
        if len(runs) == 1:
            raise {what}
        return "done"
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(what='Retry("not ready")'))
    with proof.worker():
        assert proof.settle(module.sync.delay()) == "RETRY"
    assert module.runs == [1]
    assert proof.published() == []


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(what="self.retry()"))
    with proof.worker():
        assert proof.finish(module.sync.delay()) == ("SUCCESS", "done")
