from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    import os
    from celery import Celery

    app = Celery("shop", broker={broker})
    """


@pytest.mark.parametrize(
    "broker",
    [
        "'amqp://shop:s3cr3t@mq.example.com/shop'",
        "'redis://:s3cr3t@mq.example.com/0'",
        "['amqp://shop:s3cr3t@a', 'amqp://shop:s3cr3t@b']",
        "os.environ.get('BROKER', 'amqp://shop:s3cr3t@mq.example.com')",
    ],
)
def test_bad(proof: Proof, monkeypatch: pytest.MonkeyPatch, broker: str) -> None:
    monkeypatch.delenv("BROKER", raising=False)
    module = proof.bad(SOURCE.format(broker=broker))
    with module.app.connection() as connection:
        assert connection.password == "s3cr3t", "whoever has the source can log in"


@pytest.mark.parametrize(
    "broker",
    [
        "'amqp://guest:guest@localhost'",
        "'amqp://mq.example.com'",
        "'amqp://shop:<password>@mq.example.com'",
        "'amqp://shop:{}@mq.example.com'",
        "os.environ.get('BROKER', 'amqp://shop:shop@localhost')",
        "os.environ.get('BROKER')",
    ],
)
def test_good(proof: Proof, monkeypatch: pytest.MonkeyPatch, broker: str) -> None:
    monkeypatch.delenv("BROKER", raising=False)
    module = proof.good(SOURCE.format(broker=broker))
    with module.app.connection() as connection:
        assert connection.password != "s3cr3t"


def test_not_in_tests(proof: Proof) -> None:
    from flake8_celery.linter import lint

    source = "CELERY_BROKER_URL = 'amqp://shop:s3cr3t@mq.example.com'\n"
    assert [f.code for f in lint(source, "settings/base.py")] == ["CEL808"]
    assert lint(source, "settings/test.py") == []
