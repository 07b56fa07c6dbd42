from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task
        def sync(self, pk):
            return (self, pk)
        """
    )
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        module.sync.delay(7)
    # and with one argument more it takes the place of the task
    with proof.worker():
        assert proof.finish(module.sync.delay(7, 8)) == ("SUCCESS", [7, 8])


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def sync(self, pk):
            return (self.name, pk)
        """
    )
    with proof.worker():
        assert proof.finish(module.sync.delay(7)) == ("SUCCESS", [module.sync.name, 7])
