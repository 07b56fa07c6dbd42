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
