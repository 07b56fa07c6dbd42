from __future__ import annotations

from typing import Any

from kombu.serialization import disable_insecure_serializers, registry

from tests.proofs.harness import Proof

RAN: list[str] = []


def note() -> None:
    """Something that a sender names."""
    RAN.append("code of the sender's choice")


class Trap:
    """Unpickling it calls whatever its maker names."""

    def __reduce__(self) -> Any:
        return note, ()


def run(proof: Proof) -> None:
    proof.app.send_task("proof.wake", kwargs={"x": Trap()}, serializer="pickle")


def test_bad(proof: Proof) -> None:
    proof.bad(
        """
        from celery import current_app as app

        app.conf.accept_content = ["json", "pickle"]

        @app.task(serializer="pickle")
        def f(data): ...
        """,
        count=2,
    )
    RAN.clear()
    with proof.worker():
        run(proof)
        proof.finish(proof.app.send_task("proof.wake", serializer="json"))
    assert set(RAN) == {"code of the sender's choice"}


def test_switched_on(proof: Proof) -> None:
    try:
        proof.bad(
            """
            from kombu import enable_insecure_serializers

            enable_insecure_serializers()
            """
        )
        assert "application/x-python-serialize" not in registry._disabled_content_types
    finally:
        disable_insecure_serializers()


def test_good(proof: Proof) -> None:
    proof.good(
        """
        from celery import current_app as app

        app.conf.accept_content = ["json"]

        @app.task(serializer="json")
        def f(data): ...
        """
    )
    RAN.clear()
    with proof.worker():
        run(proof)
        proof.finish(proof.app.send_task("proof.wake", serializer="json"))
    assert RAN == []
