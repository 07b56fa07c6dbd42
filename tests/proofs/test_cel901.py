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


def test_lands_in_the_first_parameter(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def charge(order_id, amount):
            return self.request.id, order_id

        @shared_task(bind=True)
        def refund(order_id):
            return order_id

        def send():
            return refund.delay(7)
        """,
        count=2,
    )
    with pytest.raises(TypeError):
        module.send()
    with proof.worker():
        state, error = proof.finish(module.charge.delay(1))
    assert (state, type(error)) == ("FAILURE", NameError)


def test_any_name_will_do(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(bind=True)
        def refund(current, order_id):
            return order_id, current.name

        def send():
            return refund.delay(7)
        """
    )
    with proof.worker():
        assert proof.finish(module.send())[1] == [7, module.refund.name]
