from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

WAITING = """
    import time
    from celery import shared_task

    done = []

    {before}

    @shared_task(bind=True)
    def publish(self):
        {wait}
        done.append("publish")

    @shared_task
    def other():
        done.append("other")
    """
SLEEPS = {
    "in its body": ("", "time.sleep(1)"),
    "in what it calls": ("def wait():\n        time.sleep(1)", "wait()"),
}
RETRIES = "if not self.request.retries: raise self.retry(countdown=1)"


@pytest.mark.parametrize("where", SLEEPS)
def test_what_waits_behind_it_waits_too(proof: Proof, where: str) -> None:
    before, wait = SLEEPS[where]
    module = proof.bad(WAITING.format(before=before, wait=wait))
    assert order(proof, module) == ["publish", "other"]


def test_the_slot_is_free_while_it_waits_for_its_retry(proof: Proof) -> None:
    module = proof.good(WAITING.format(before="", wait=RETRIES))
    assert order(proof, module) == ["other", "publish"]


def order(proof: Proof, module: object) -> list[str]:
    """In which order two tasks end that are sent one after the other."""
    with proof.worker():
        first = module.publish.delay()  # type: ignore[attr-defined]
        module.other.delay()  # type: ignore[attr-defined]
        proof.finish(first)
    return module.done  # type: ignore[attr-defined, no-any-return]


def test_cooperative_pools_are_left_alone(proof: Proof) -> None:
    source = WAITING.format(before="", wait="time.sleep(9)")
    proof.good(source, run=False, celery_pool="gevent")
