from __future__ import annotations

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app

    ran = []

    @app.task(name="proof.customer")
    def customer():
        ran.append("customer")

    @app.task(name="{name}")
    def seller():
        ran.append("seller")
    """


def run(proof: Proof, name: str) -> list[str]:
    """Which bodies run when each task is sent once."""
    module = proof.start(SOURCE.format(name=name))
    with proof.worker():
        module.customer.delay()
        module.seller.delay()
        assert wait_for(lambda: len(module.ran) >= 2, PAUSE * 5)
    found: list[str] = sorted(module.ran)
    return found


def test_one_body_runs_for_both(proof: Proof) -> None:
    assert len(proof.findings(SOURCE.format(name="proof.customer"))) == 1
    assert len(set(run(proof, "proof.customer"))) == 1


def test_good(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(name="proof.seller"))
    assert run(proof, "proof.seller") == ["customer", "seller"]
