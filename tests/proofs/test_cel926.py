from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_an_actor_has_no_delay(proof: Proof) -> None:
    dramatiq = pytest.importorskip("dramatiq")
    from dramatiq.brokers.stub import StubBroker

    broker = StubBroker()
    dramatiq.set_broker(broker)
    source = """
    import dramatiq

    @dramatiq.actor
    def sweep(pk): ...

    def later(pk):
        sweep.{send}
    """
    for send in ("delay(pk)", "apply_async((pk,))"):
        broker.actors.clear()
        bad = proof.bad(source.format(send=send))
        with pytest.raises(AttributeError):
            bad.later(1)
    broker.actors.clear()
    good = proof.good(source.format(send="send(pk)"))
    good.later(1)
    assert broker.queues["default"].qsize() == 1


def test_a_task_of_django_has_no_delay(proof: Proof, database: None) -> None:
    tasks = pytest.importorskip("django.tasks", reason="came with Django 6")
    source = """
    from django.tasks import task

    @task
    def sweep(pk): ...

    def later(pk):
        sweep.{send}
    """
    bad = proof.bad(source.format(send="delay(pk)"), run=False)
    assert bad is None
    proof.good(source.format(send="enqueue(pk)"), run=False)
    assert not hasattr(tasks.Task, "delay")
    assert hasattr(tasks.Task, "enqueue")
