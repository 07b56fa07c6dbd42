from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_nobody_passes_the_instance(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        class Order:
            total = 10

            @shared_task
            def charge(self, amount):
                return amount

            @shared_task(bind=True)
            def refund(self):
                return self.total

            @classmethod
            @shared_task
            def all(cls):
                return cls.total
        """,
        count=3,
    )
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        module.Order().charge.delay(5)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        module.Order.all.delay()
    with proof.worker():
        state, error = proof.finish(module.Order().refund.delay())
    assert (state, type(error)) == ("FAILURE", AttributeError)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        class Order:
            @shared_task
            def charge(amount):
                return amount

            @shared_task(bind=True)
            def attempts(self):
                return self.request.retries

            @staticmethod
            @shared_task
            def refund(amount):
                return amount
        """
    )
    with proof.worker():
        assert proof.finish(module.Order().charge.delay(5)) == ("SUCCESS", 5)
        assert proof.finish(module.Order().attempts.delay()) == ("SUCCESS", 0)
        assert proof.finish(module.Order().refund.delay(5)) == ("SUCCESS", 5)
