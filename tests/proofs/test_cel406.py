from __future__ import annotations

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app

    ran = []

    @app.task(name="proof.send_receipt")
    def send_receipt():
        ran.append(1)

    def pay():
        app.send_task({name!r})
    """


def run(proof: Proof, name: str) -> bool:
    """Whether the task runs once it was sent and a worker has had time for it."""
    module = proof.start(SOURCE.format(name=name))
    module.pay()
    with proof.worker():
        return wait_for(lambda: bool(module.ran), PAUSE)


def test_thrown_away(proof: Proof) -> None:
    assert len(proof.findings(SOURCE.format(name="proof.send_reciept"))) == 1
    assert not run(proof, "proof.send_reciept")
    assert proof.published() == [], "the worker took the message and threw it away"


def test_good(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(name="proof.send_receipt"))
    assert run(proof, "proof.send_receipt")
