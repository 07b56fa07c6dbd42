"""No RabbitMQ is asked: the memory transport says that it is one; Celery looks at no more."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from celery.signals import before_task_publish
from kombu.transport.memory import Transport

from tests.proofs.harness import Proof, since

SOURCE = """
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("proof", broker="amqp://", set_as_current=False)
    quorum = {{"x-queue-type": "quorum"}}
    app.conf.task_queues = [Queue("orders", {exchange}queue_arguments={arguments})]
    app.conf.task_default_queue = "orders"

    @app.task(name="proof.remind")
    def remind(): ...

    def later():
        remind.apply_async({options})
    """
TOPIC = 'Exchange("orders", type="topic"), routing_key="orders", '


@pytest.fixture(autouse=True)
def rabbit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "driver_type", "amqp")


def exchange(module: Any) -> str:
    """The exchange that a delayed message is published to."""
    found: list[Any] = []
    module.app.conf.broker_url = "memory://"

    def note(exchange: Any = "", **_: object) -> None:
        found.append(exchange)

    before_task_publish.connect(note, sender="proof.remind")
    try:
        module.later()
    finally:
        before_task_publish.disconnect(note, sender="proof.remind")
    return str(getattr(found[0], "name", found[0]))


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A worker that ran in this process before keeps Celery's loggers to itself."""
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("celery")]:
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        caplog.set_level("WARNING", logger=name)


@since("5.5", "it knows no quorum queues")
def test_bad(proof: Proof, caplog: pytest.LogCaptureFixture) -> None:
    module = proof.bad(SOURCE.format(exchange="", arguments="quorum", options="countdown=3600"))
    assert exchange(module) == ""
    assert "may block the worker process until the ETA arrives" in caplog.text


@since("5.5", "it knows no quorum queues")
def test_good(proof: Proof, caplog: pytest.LogCaptureFixture) -> None:
    source = SOURCE.format(exchange=TOPIC, arguments="quorum", options="countdown=3600")
    module = proof.good(source)
    assert exchange(module).startswith("celery_delayed")
    assert "may block" not in caplog.text


def test_older(proof: Proof) -> None:
    source = SOURCE.format(exchange="", arguments="quorum", options="countdown=3600")
    assert not proof.findings(source, celery_target_version="5.4")


def test_what_counts(proof: Proof) -> None:
    told = {
        ("", "quorum", "eta=soon()"): 1,
        ("", "quorum", "countdown=0"): 0,
        ("", "quorum", ""): 0,
        ("", "chosen()", "countdown=9"): 0,
        ("", "{}", "countdown=9"): 0,
        (TOPIC, "quorum", "countdown=9"): 0,
    }
    for (place, arguments, options), count in told.items():
        source = SOURCE.format(exchange=place, arguments=arguments, options=options)
        assert len(proof.findings(source)) == count, (place, arguments, options)
