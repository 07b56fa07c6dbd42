from __future__ import annotations

from typing import Any

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery
    from kombu import Exchange, Queue, binding

    app = Celery("proof", broker="memory://", set_as_current=False)
    tasks = Exchange("tasks", type="topic")
    app.conf.task_queues = {queues}
    """


def keys(module: Any) -> list[str]:
    """By which keys the queue `mail` is bound."""
    queue = module.app.amqp.queues["mail"]
    return [each.routing_key for each in queue.bindings] or [queue.routing_key]


def test_bad(proof: Proof) -> None:
    queues = "[Queue('mail', tasks, 'mail.#'), Queue('mail', tasks, routing_key='news.#')]"
    module = proof.bad(SOURCE.format(queues=queues))
    assert len(module.app.amqp.queues) == 1
    assert keys(module) == ["news.#"]


def test_good(proof: Proof) -> None:
    bindings = "bindings=[binding(tasks, 'mail.#'), binding(tasks, 'news.#')]"
    module = proof.good(SOURCE.format(queues=f"[Queue('mail', {bindings}), Queue('other', tasks)]"))
    assert sorted(keys(module)) == ["mail.#", "news.#"]


def test_what_can_be_read(proof: Proof) -> None:
    told = {
        "(Queue(name='mail'), Queue('mail'), Queue('mail'))": 2,
        "[Queue('mail'), Queue(chosen())]": 0,
        "[Queue('mail'), other]": 0,
        "[Queue(name) for name in names]": 0,
    }
    for queues, count in told.items():
        assert len(proof.findings(SOURCE.format(queues=queues))) == count, queues
