from __future__ import annotations

from typing import Any

import pytest
from celery.signals import before_task_publish

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("proof", broker="memory://", set_as_current=False)
    {line}

    @app.task(name="proof.remind")
    def remind(): ...

    def send():
        return remind.apply_async({options})
    """


def sent_to(module: Any) -> tuple[str, str]:
    """The exchange and routing key that a message is published with."""
    found: list[tuple[str, str]] = []

    def note(exchange: str = "", routing_key: str = "", **_: object) -> None:
        found.append((exchange, routing_key))

    before_task_publish.connect(note, sender="proof.remind")
    try:
        module.send()
    finally:
        before_task_publish.disconnect(note, sender="proof.remind")
    return found[0]


@pytest.mark.parametrize(
    ("options", "queue"),
    [
        ('exchange="mail"', "celery"),
        ('routing_key="mail.urgent"', "celery"),
        ('queue="mail", routing_key="mail.urgent"', "mail"),
        ('queue="mail", exchange="other"', "mail"),
    ],
)
def test_ignored(proof: Proof, options: str, queue: str) -> None:
    module = proof.bad(SOURCE.format(options=options, line=""))
    assert sent_to(module) == ("", queue)


@pytest.mark.parametrize(
    ("options", "line", "goal"),
    [
        ('queue="mail"', "", ("", "mail")),
        (
            'routing_key="mail.urgent"',
            'app.conf.task_default_exchange_type = "topic"',
            ("celery", "mail.urgent"),
        ),
        (
            'queue="feed", routing_key="feed.import"',
            'app.conf.task_queues = [Queue("feed", Exchange("feed", type="topic"), "feed.#")]',
            ("feed", "feed.import"),
        ),
    ],
)
def test_good(proof: Proof, options: str, line: str, goal: tuple[str, str]) -> None:
    module = proof.good(SOURCE.format(options=options, line=line))
    assert sent_to(module) == goal


BOTH = 'exchange="lost503", routing_key="mail.urgent"'


def test_nowhere(proof: Proof) -> None:
    """On kombu's own exchanges nothing takes the message until a worker has declared a queue."""
    line = 'app.conf.task_queues = [Queue("lost503", Exchange("lost503"), "mail.urgent")]'
    module = proof.bad(SOURCE.format(options=BOTH, line=line))
    with module.app.connection_for_read() as connection:
        channel = connection.channel()
        queue = module.app.amqp.queues["lost503"](channel)
        assert sent_to(module) == ("lost503", "mail.urgent")
        queue.declare()
        assert queue.get(no_ack=True) is None
        module.send()
        assert queue.get(no_ack=True) is not None
        queue.delete()


def test_an_exchange_that_a_broker_keeps(proof: Proof) -> None:
    source = SOURCE.replace("memory://", "amqp://")
    assert not proof.findings(source.format(options=BOTH, line=""))
    routes = "app.conf.task_routes = {'proof.remind': {'queue': 'mail'}}"
    assert not proof.findings(SOURCE.format(options=BOTH, line=routes))
