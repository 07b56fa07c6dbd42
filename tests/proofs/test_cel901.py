from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def ping():
            return "pong"
        """
    )
    with pytest.raises(TypeError):
        module.ping.delay()


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def ping(self):
            return self.name
        """
    )
    with proof.worker():
        assert proof.finish(module.ping.delay()) == ("SUCCESS", module.ping.name)
