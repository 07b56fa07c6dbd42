from __future__ import annotations

import pytest
from celery.result import AsyncResult
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof, wait_for

SOURCE = """
    from celery import shared_task, signature

    got = []

    @shared_task
    def load(pk=0):
        return pk

    @shared_task
    def fails():
        raise ValueError("no")

    @shared_task(name="tasks.tell")
    def tell(pk=0):
        got.append("told")

    def function(pk):
        pass

    def run():
        return {sent}
    """


@pytest.mark.parametrize("callback", ["tell", "tell.s", "tell.delay", "function", "lambda x: x"])
@pytest.mark.parametrize(
    "sent",
    [
        "load.apply_async((1,), link=%s)",
        "load.apply_async((1,), link=[%s])",
        "load.apply_async((1,), link_error=%s)",
        "load.s(1).on_error(%s).delay()",
        "load.s(1).set(link=%s).delay()",
    ],
)
def test_can_not_be_sent(proof: Proof, sent: str, callback: str) -> None:
    module = proof.bad(SOURCE.format(sent=sent % callback))
    with pytest.raises(EncodeError):
        module.run()


def test_result(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(sent="load.apply_async((1,), link=tell.delay(2))"))
    with pytest.raises(EncodeError):
        module.run()
    assert len(proof.published()) == 1  # the callback was sent, and nothing else


@pytest.mark.parametrize("callback", ["'tasks.tell'", "7", "['tasks.tell']"])
def test_the_task_is_marked_failed(proof: Proof, callback: str) -> None:
    module = proof.bad(SOURCE.format(sent=f"load.apply_async((1,), link={callback})"))
    with proof.worker():
        state, error = proof.finish(module.run())
    assert (state, type(error)) == ("FAILURE", AttributeError)
    assert module.got == []


@pytest.mark.parametrize(
    "sent",
    [
        "load.apply_async((1,), link=tell.s())",
        "load.apply_async((1,), link=[tell.s()])",
        "load.apply_async((1,), link=signature('tasks.tell'))",
        "fails.apply_async(link_error=tell.si(1))",
        "fails.apply_async(link_error='tasks.tell')",
    ],
)
def test_good(proof: Proof, sent: str) -> None:
    module = proof.good(SOURCE.format(sent=sent))
    with proof.worker():
        result = module.run()
        assert isinstance(result, AsyncResult)
        assert wait_for(lambda: module.got == ["told"])


@pytest.mark.parametrize(
    "sent",
    [
        "load.apply_async((1,), link=None)",
        "load.apply_async((1,), link=unseen)",
        "load.apply_async((1,), link=unseen.callback)",
        "unseen.link(tell)",
    ],
)
def test_nothing_is_said_of(proof: Proof, sent: str) -> None:
    proof.good(SOURCE.format(sent=sent), run=False)
