from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task
        def sync(pk): ...

        def first():
            sync.async_apply((1,))

        def second():
            sync.dealy(1)
        """,
        count=2,
    )
    with pytest.raises(AttributeError):
        module.first()
    with pytest.raises(AttributeError):
        module.second()


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task
        def sync(pk): ...

        def first():
            sync.apply_async((1,))
            sync.delay(1)
        """
    )
    module.first()
    assert len(proof.published()) == 2


def test_request(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(bind=True)
        def count(self):
            return self.request.{name}
        """
    bad = proof.bad(source.format(name="retris"))
    good = proof.good(source.format(name="retries"))
    with proof.worker():
        state, error = proof.finish(bad.count.delay())
        assert (state, type(error)) == ("FAILURE", AttributeError)
        assert proof.finish(good.count.delay()) == ("SUCCESS", 0)
    proof.good(source.format(name="tenant"), run=False)


def test_revoke(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task
        def sync(pk): ...

        def stop():
            sync.revoke(terminate=True)

        def stop_one(pk):
            result = sync.delay(pk)
            result.revoke()
        """
    )
    with pytest.raises(AttributeError):
        module.stop()
