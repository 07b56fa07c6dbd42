from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import current_app as app

    def route(name, args, kwargs, options): ...

    def right(name, args, kwargs, options, task=None, **kw):
        return {{"queue": "mail"}}

    app.conf.task_routes = {routes}
    """


def queue_of(proof: Proof, routes: str) -> str:
    """The queue that shop.mail.send goes to."""
    proof.load(SOURCE.format(routes=routes))
    options = proof.app.amqp.router.route({}, "shop.mail.send", (), {})
    queue = options.get("queue") or proof.app.amqp.queues[proof.app.conf.task_default_queue]
    return str(getattr(queue, "name", queue))


@pytest.mark.parametrize(
    ("routes", "error"),
    [
        ('[("shop.mail.*", {"queue": "mail"}), ("shop.pay.*", {"queue": "pay"})]', ValueError),
        ('{"shop.mail.send": None}', TypeError),
        ('{"shop.mail.send": 5}', TypeError),
        ("(route,)", TypeError),
    ],
)
def test_error_at_the_first_message(proof: Proof, routes: str, error: type[Exception]) -> None:
    assert proof.findings(SOURCE.format(routes=routes))
    with pytest.raises(error):
        queue_of(proof, routes)


@pytest.mark.parametrize(
    "routes", ['{"shop.mail.*": {"que": "mail"}}', '{"shop.mail.sen?": {"queue": "mail"}}']
)
def test_never_matches(proof: Proof, routes: str) -> None:
    assert proof.findings(SOURCE.format(routes=routes))
    assert queue_of(proof, routes) == proof.app.conf.task_default_queue


@pytest.mark.parametrize(
    "routes",
    [
        '{"shop.mail.*": {"queue": "mail"}}',
        '([("shop.mail.*", {"queue": "mail"})], right)',
        "(right,)",
    ],
)
def test_good(proof: Proof, routes: str) -> None:
    assert not proof.findings(SOURCE.format(routes=routes))
    assert queue_of(proof, routes) == "mail"


LOST = """
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("proof", broker="{broker}", set_as_current=False)
    topic = Exchange("lost506", type="topic")
    app.conf.task_queues = [Queue("lost506", topic, routing_key="pay.#")]
    app.conf.task_routes = {{"proof.pay": {route}}}

    @app.task(name="proof.pay")
    def pay(): ...
    """
EXCHANGE = '{"exchange": "lost506", "exchange_type": "topic", "routing_key": "pay.card"}'


@pytest.mark.parametrize(
    ("route", "lost"),
    [(EXCHANGE, True), ('{"queue": "lost506", "routing_key": "pay.card"}', False)],
)
def test_an_exchange_without_queue(proof: Proof, route: str, lost: bool) -> None:
    """On kombu's own exchanges nothing takes the message until a worker has declared a queue."""
    source = LOST.format(broker="memory://", route=route)
    module = proof.bad(source) if lost else proof.good(source)
    with module.app.connection_for_read() as connection:
        module.pay.delay()
        queue = module.app.amqp.queues["lost506"](connection.channel())
        queue.declare()
        assert (queue.get(no_ack=True) is None) == lost
        queue.delete()


def test_an_exchange_that_a_broker_keeps(proof: Proof) -> None:
    assert not proof.findings(LOST.format(broker="amqp://", route=EXCHANGE))
    assert len(proof.findings(LOST.format(broker="sqs://", route=EXCHANGE))) == 1
