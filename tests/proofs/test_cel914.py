from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

HEAD = """
    from celery import Task, current_app as app

    class Charge(Task):
        def run(self, order_id):
            return order_id

    class Refund(Task):
        def execute(self, order_id):
            return order_id
    """


def test_message_without_a_name(proof: Proof) -> None:
    module = proof.bad(HEAD + "\n    sent = Charge().delay(1)\n")
    (message,) = proof.published()
    assert message.headers["task"] is None
    assert module.sent.state == "PENDING"


def test_variable_that_holds_one(proof: Proof) -> None:
    proof.bad(HEAD + "\n    charge = Charge()\n    charge.delay(1)\n")
    (message,) = proof.published()
    assert message.headers["task"] is None
    for line in ("app.tasks.register(charge)", "app.register_task(charge)", "named(charge)"):
        source = HEAD + f"\n    charge = Charge()\n    {line}\n    charge.delay(1)\n"
        proof.good(source, run=False)


def test_method_of_the_class(proof: Proof) -> None:
    assert len(proof.findings(HEAD + "\n    Charge.delay(1)\n    Charge.apply_async((1,))\n")) == 2
    module = proof.load(HEAD)
    with pytest.raises(AttributeError, match="apply_async"):
        module.Charge.delay(1)
    with pytest.raises((AttributeError, TypeError)):
        module.Charge.apply_async((1,))


def test_no_run(proof: Proof) -> None:
    module = proof.bad(HEAD + "\n    refund = app.register_task(Refund())\n")
    with proof.worker():
        state, error = proof.finish(module.refund.delay(1))
    assert (state, type(error)) == ("FAILURE", NotImplementedError)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import Task, current_app as app

        class Base(Task):
            def run(self, order_id):
                return order_id

        class Charge(Base):
            name = "shop.charge"

        class Refund(Base):
            pass

        charge = app.register_task(Charge())
        Refund = app.register_task(Refund())

        def send():
            return [charge.delay(1), Charge().delay(2), Refund.delay(3)]
        """
    )
    with proof.worker():
        results = [proof.finish(result) for result in module.send()]
    assert results == [("SUCCESS", 1), ("SUCCESS", 2), ("SUCCESS", 3)]
