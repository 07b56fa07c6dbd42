from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def start(proof: Proof, source: str) -> None:
    """Read the queues as a starting worker does."""
    proof.load(source)
    amqp = proof.app.amqp
    amqp.queues.select(None)
    for queue in amqp.queues.values():
        assert queue.exchange is not None


SOURCE = """
    from celery import current_app as app
    from kombu import Exchange, Queue

    app.conf.task_queues = {value}
    """


@pytest.mark.parametrize("value", ['(Queue("orders"))', '["orders", "mail"]'])
def test_shape(proof: Proof, value: str) -> None:
    source = SOURCE.format(value=value)
    assert proof.findings(source)
    with pytest.raises((AttributeError, TypeError)):
        start(proof, source)


def test_misspelt(proof: Proof) -> None:
    module = proof.bad(
        """
        from kombu import Exchange, Queue
        orders = Queue("orders", Exchange("x", typ="topic"), routing_ky="orders.#", priority=3)
        """,
        count=3,
    )
    queue = module.orders
    assert queue.exchange.type == "direct"
    assert queue.routing_key == ""
    assert queue.max_priority is None
    assert not hasattr(queue, "priority")


@pytest.mark.parametrize(
    "value",
    [
        '(Queue("orders", Exchange("orders", type="topic"), routing_key="o.#"),)',
        '{"orders": {"exchange": "orders"}}',
    ],
)
def test_good(proof: Proof, value: str) -> None:
    source = SOURCE.format(value=value)
    assert not proof.findings(source)
    start(proof, source)
    assert set(proof.app.amqp.queues) == {"orders"}
