from __future__ import annotations

from tests.proofs.harness import Proof


def test_never_read(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_ack_late = True
        app.conf.update(worker_prefetch_multiplyer=1)

        @app.task
        def f(): ...
        """,
        count=2,
    )
    assert module.app.conf.task_ack_late is True, "taken without a word"
    assert module.app.conf.worker_prefetch_multiplier == 4
    assert not module.f.acks_late


def test_transport_option_in_capitals(proof: Proof) -> None:
    from kombu.transport.redis import Channel

    proof.bad(
        """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.broker_transport_options = {"VISIBILITY_TIMEOUT": 7200}
        """
    )
    # what kombu takes over from the options is what the channel lists
    assert "visibility_timeout" in Channel.from_transport_options
    assert "VISIBILITY_TIMEOUT" not in Channel.from_transport_options


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_acks_late = True
        app.conf.update(worker_prefetch_multiplier=1, redis_client_name="shop")

        @app.task
        def f(): ...
        """
    )
    assert module.app.conf.worker_prefetch_multiplier == 1
    assert module.f.acks_late
