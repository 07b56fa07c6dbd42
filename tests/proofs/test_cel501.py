from __future__ import annotations

import pytest
from celery.exceptions import QueueNotFound

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app
    from kombu import Queue

    ran = []

    @app.task(name="proof.remind")
    def remind():
        ran.append(1)

    def send():
        return remind.apply_async(queue={queue!r})
    """
DECLARED = """
    from celery import Celery
    from kombu import Queue

    app = Celery("proof", broker="memory://", set_as_current=False)
    app.conf.task_queues = (Queue("orders"), Queue("mail"))
    app.conf.task_create_missing_queues = False
    app.conf.task_default_queue = "orders"

    @app.task(name="proof.remind")
    def remind(): ...

    def send():
        return remind.apply_async(queue={queue!r})
    """


def run(proof: Proof, queue: str) -> bool:
    """Whether the task runs where a worker consumes `mail` alone."""
    module = proof.start(SOURCE.format(queue=queue))
    module.send()
    with proof.worker(queues=["mail", proof.app.conf.task_default_queue]):
        return wait_for(lambda: bool(module.ran), PAUSE)


def test_waits_for_ever(proof: Proof) -> None:
    assert len(proof.findings(SOURCE.format(queue="mial"), celery_queues="mail")) == 1
    assert not run(proof, "mial")


def test_consumed(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(queue="mail"), celery_queues="mail")
    assert run(proof, "mail")


def test_refused(proof: Proof) -> None:
    module = proof.bad(DECLARED.format(queue="mial"))
    with pytest.raises(QueueNotFound):
        module.send()


def test_declared(proof: Proof) -> None:
    module = proof.good(DECLARED.format(queue="mail"))
    assert module.send().id


def test_made_on_purpose(proof: Proof) -> None:
    more = "app.conf.task_create_missing_queues = {}"
    head = """
from celery import Celery
from kombu import Queue
app = Celery("proof", broker="memory://", set_as_current=False)
app.conf.task_queues = [Queue("mail")]
"""
    task = '\n@app.task(queue="mial")\ndef remind(): ...\n'
    assert len(proof.findings(head + task)) == 1
    assert len(proof.findings(head + more.format(False) + task)) == 1
    assert not proof.findings(head + more.format(True) + task)
