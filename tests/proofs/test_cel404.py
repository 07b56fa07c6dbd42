from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    @shared_task
    def remind(pk, urgent=False):
        return urgent

    def later():
        return remind.apply_async((1,), {option})
    """


@pytest.mark.parametrize("option", ["contdown=60", "urgent=True", "ttl=60"])
def test_dropped_without_a_word(proof: Proof, option: str) -> None:
    proof.bad(SOURCE.format(option=option)).later()
    [message] = proof.published()
    assert message.headers["eta"] is None
    assert message.headers["expires"] is None
    assert message.payload[:2] == [[1], {}]


def test_retry_policy(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(option='retry_policy={"max_retry": 3}'))
    with pytest.raises(TypeError, match="max_retry"):
        module.later()


def test_good(proof: Proof) -> None:
    proof.good(SOURCE.format(option="countdown=60, expires=300")).later()
    [message] = proof.published()
    assert message.headers["eta"]
    assert message.headers["expires"]


CANVAS = """
    from celery import chord, group, shared_task

    @shared_task
    def remind(pk, urgent=False): ...

    @shared_task
    def report(results): ...

    def later():
        return {call}
    """


@pytest.mark.parametrize(
    "call",
    [
        "group([remind.s(1)])(ttl=60)",
        "group([remind.s(1)], ttl=60)()",
        "group([remind.s(1)]).apply_async(ttl=60)",
        "remind.s(1).set(ttl=60).delay()",
        "remind.s(1).apply_async(urgent=True)",
    ],
)
def test_canvas(proof: Proof, call: str) -> None:
    """The task runs without it: nothing expires, and the argument keeps its default."""
    proof.bad(CANVAS.format(call=call)).later()
    [message] = proof.published()
    assert message.headers["expires"] is None
    assert "urgent" not in message.payload[1]


@pytest.mark.parametrize(
    "call",
    [
        "chord([remind.s(1)], report.s()).apply_async(max_retries=3, interval=2)",
        "group([remind.s(1)])(expires=60)",
        "remind.s(1)(urgent=True)",
    ],
)
def test_good_canvas(proof: Proof, call: str) -> None:
    proof.good(CANVAS.format(call=call)).later()


def test_what_retry_waits_for(proof: Proof) -> None:
    source = """
    from celery import shared_task

    @shared_task(bind=True)
    def sync(self):
        raise self.retry({given})
    """
    for name in ("retry_jitter=True", "retry_backoff=3", "default_retry_delay=9"):
        [found] = proof.findings(source.format(given=name))
        assert "countdown= (seconds)" in found.message
