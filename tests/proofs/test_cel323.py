from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery

    app = Celery("shop", broker="{broker}", backend="redis://localhost/1")
    {settings}
    """
RESULTS = 'app.conf.result_backend_transport_options = {"visibility_timeout": 14400}'
BROKER = 'app.conf.broker_transport_options = {"visibility_timeout": 14400}'


def channel_timeout(app: object) -> float:
    """What the transport goes by; no broker is asked."""
    from kombu.transport.redis import Channel

    options = app.connection_for_write().transport_options  # type: ignore[attr-defined]
    return float(options.get("visibility_timeout", Channel.visibility_timeout))


def test_bad(proof: Proof) -> None:
    pytest.importorskip("redis")
    module = proof.bad(SOURCE.format(broker="redis://localhost", settings=RESULTS))
    assert channel_timeout(module.app) == 3600


def test_good(proof: Proof) -> None:
    pytest.importorskip("redis")
    module = proof.good(SOURCE.format(broker="redis://localhost", settings=BROKER))
    assert channel_timeout(module.app) == 14400


def test_settings(proof: Proof) -> None:
    told = {
        ("redis://localhost", f"{RESULTS}; {BROKER}"): 0,
        ("sqs://", RESULTS): 1,
        ("amqp://localhost", RESULTS): 0,
        ("redis://localhost", 'app.conf.result_backend_transport_options = {"region": "x"}'): 0,
        ("redis://localhost", "app.conf.result_backend_transport_options = dict("
         "visibility_timeout=14400)"): 1,
    }  # fmt: skip
    for (broker, settings), count in told.items():
        found = proof.findings(SOURCE.format(broker=broker, settings=settings))
        assert len(found) == count, (broker, settings)
