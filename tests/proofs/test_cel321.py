from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    runs = []

    @shared_task(bind=True, max_retries=1, {options})
    def sync(self):
        runs.append(1)
        if len(runs) == 1:
            raise self.retry(exc=ConnectionError(), {given})
        return "done"

    def later():
        return sync.apply_async({call})
    """
AUTOMATIC = """
    from celery import shared_task

    runs = []

    @shared_task(autoretry_for=(ConnectionError,), {options})
    def sync():
        runs.append(1)
        if len(runs) == 1:
            raise ConnectionError
        return "done"

    def later():
        return sync.delay()
    """


@pytest.mark.parametrize(
    ("options", "given", "call"),
    [
        ("expires=1", "countdown=1.3", ""),
        ("expires=1, default_retry_delay=2", "", ""),
        ("acks_late=False", "countdown=1.5", "expires=1"),
    ],
)
def test_bad(proof: Proof, options: str, given: str, call: str) -> None:
    module = proof.bad(SOURCE.format(options=options, given=given, call=call))
    with proof.worker():
        assert proof.finish(module.later())[0] == "REVOKED"
    assert module.runs == [1]


def test_automatic(proof: Proof) -> None:
    options = "expires=1, retry_kwargs={'countdown': 1.3}"
    module = proof.bad(AUTOMATIC.format(options=options))
    with proof.worker():
        assert proof.finish(module.later())[0] == "REVOKED"
    assert module.runs == [1]


@pytest.mark.parametrize(
    ("options", "given", "call"),
    [
        ("expires=9", "countdown=0.1", ""),
        ("expires=0.2", "countdown=0.5, expires=9", ""),
        ("acks_late=False", "countdown=0.1", "expires=9"),
    ],
)
def test_good(proof: Proof, options: str, given: str, call: str) -> None:
    module = proof.good(SOURCE.format(options=options, given=given, call=call))
    with proof.worker():
        assert proof.finish(module.later()) == ("SUCCESS", "done")


def test_how_long_it_waits(proof: Proof) -> None:
    told = {
        ("expires=180", "", ""): 1,
        ("expires=181", "", ""): 0,
        ("expires=30, retry_backoff=3, autoretry_for=(OSError,)", "", ""): 1,
        ("expires=30, default_retry_delay=5", "", ""): 0,
        ("expires=30", "countdown=delay()", ""): 0,
        ("expires=30", "eta=soon()", ""): 0,
        ("expires=30", "**more", ""): 0,
        ("expires=chosen()", "", ""): 0,
        ("acks_late=True", "countdown=60", "expires=60"): 1,
        ("acks_late=True", "countdown=60", "expires=61"): 0,
    }
    for (options, given, call), count in told.items():
        found = proof.findings(SOURCE.format(options=options, given=given, call=call))
        assert len(found) == count, (options, given, call)
