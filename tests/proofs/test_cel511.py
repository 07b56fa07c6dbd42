from __future__ import annotations

from typing import Any

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("proof", broker="memory://", set_as_current=False)
    tasks = Exchange("proof511", type="{kind}")
    {default}
    app.conf.task_queues = {queues}

    @app.task(name="proof.remind")
    def remind(): ...

    def send():
        remind.apply_async(queue="mail511")
    """
TWO = "[Queue('mail511', tasks), Queue('reports511', tasks)]"


def waiting(module: Any) -> list[str]:
    """The queues in which one message waits."""
    found = []
    with module.app.connection_for_write() as connection:
        channel = connection.channel()
        queues = [queue(channel) for queue in module.app.amqp.queues.values()]
        for queue in queues:
            queue.declare()
        module.send()
        for queue in queues:
            while queue.get(no_ack=True) is not None:
                found.append(queue.name)
            queue.delete()
    return sorted(found)


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(kind="topic", default="", queues=TWO))
    assert waiting(module) == ["mail511", "reports511"]


def test_good(proof: Proof) -> None:
    queues = "[Queue('mail511', tasks, 'mail.#'), Queue('reports511', tasks, 'reports.#')]"
    module = proof.good(SOURCE.format(kind="topic", default="", queues=queues))
    assert waiting(module) == ["mail511"]


def test_direct(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(kind="direct", default="", queues=TWO))


def test_which_queues(proof: Proof) -> None:
    topic = "app.conf.task_default_exchange_type = 'topic'"
    told = {
        ("topic", "", "[Queue('a', tasks), Queue('b', tasks), Queue('c', tasks)]"): 2,
        ("topic", "", "[Queue('a', tasks), Queue('b', tasks, routing_key='b')]"): 0,
        ("topic", "", "[Queue('a', tasks), Queue('b', Exchange('b', type='topic'))]"): 0,
        ("topic", "", "[Queue('a', tasks), Queue('b', tasks, **given)]"): 0,
        ("topic", topic, "[Queue('a'), Queue('b')]"): 1,
        ("topic", topic, "[Queue('a', routing_key='a.#'), Queue('b', routing_key='b.#')]"): 0,
        ("topic", "", "[Queue('a'), Queue('b')]"): 0,
        ("direct", "", "[Queue('a', tasks), Queue('b', tasks)]"): 0,
    }
    for (kind, default, queues), count in told.items():
        found = proof.findings(SOURCE.format(kind=kind, default=default, queues=queues))
        assert len(found) == count, (kind, default, queues)
