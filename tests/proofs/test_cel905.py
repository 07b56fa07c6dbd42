from __future__ import annotations

import pytest
from kombu.exceptions import SerializerNotInstalled

from tests.proofs.harness import Proof, since


def test_text_is_true(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(acks_late="False")
        def fetch(): ...
        """
    )
    assert module.fetch.acks_late


def test_max_retries_text(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(bind=True, max_retries={value}, default_retry_delay=0)
        def fetch(self):
            raise self.retry()
        """
    bad = proof.bad(source.format(value='"1"'))
    good = proof.good(source.format(value="1"))
    with proof.worker():
        result = bad.fetch.delay()
        assert proof.settle(result) != "SUCCESS"
        state, error = proof.finish(good.fetch.delay())
        assert (state, type(error).__name__) == ("FAILURE", "MaxRetriesExceededError")
    with pytest.raises(TypeError, match="'>' not supported"):
        bad.fetch.apply(throw=True)


def test_serializer(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(serializer="jsn")
        def push(): ...

        @shared_task(compression="gz")
        def pack(): ...
        """,
        count=2,
    )
    with pytest.raises(SerializerNotInstalled):
        module.push.delay()
    with pytest.raises(KeyError):
        module.pack.delay()


def test_backend(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(backend="redis://localhost")
        def push(): ...
        """
    )
    with pytest.raises(AttributeError):
        module.push.AsyncResult("some-id").get(timeout=1)


def test_backoff_none_stops_the_worker(proof: Proof) -> None:
    proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), retry_backoff=None)
        def push(): ...
        """
    )
    with pytest.raises(TypeError):
        proof.app.finalize()


def test_pydantic_other_than_true(proof: Proof) -> None:
    pytest.importorskip("pydantic")
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(pydantic=1)
        def push(count: int):
            return type(count).__name__
        """
    )
    assert module.push("3") == "str"


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(acks_late=False, max_retries=3, serializer="json", compression="gzip")
        def fetch():
            return "done"
        """
    )
    assert not module.fetch.acks_late
    with proof.worker():
        assert proof.finish(module.fetch.delay()) == ("SUCCESS", "done")


@since("5.7", "the error ends nothing and the result never comes")
@pytest.mark.parametrize("delay", ["timedelta(seconds=1)", "'1'"])
def test_delay_of_retries(proof: Proof, delay: str) -> None:
    source = """
        from datetime import timedelta

        from celery import shared_task

        runs = []

        @shared_task(bind=True, default_retry_delay={delay}, max_retries=1)
        def pull(self):
            runs.append(1)
            if len(runs) == 1:
                raise self.retry()
        """
    bad = proof.bad(source.replace("{delay}", delay))
    good = proof.good(source.replace("{delay}", "0.1"))
    with proof.worker():
        state, error = proof.finish(bad.pull.delay())
        assert (state, "TypeError" in str(error)) == ("FAILURE", True)
        assert proof.finish(good.pull.delay())[0] == "SUCCESS"
    assert len(bad.runs) == 1
