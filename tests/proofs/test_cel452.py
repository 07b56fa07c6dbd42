from __future__ import annotations

from tests.proofs.harness import Proof

HEAD = """
    from celery import shared_task

    @shared_task
    def connect(user_id, password=""): ...

    """


def test_header_shows_the_secret(proof: Proof) -> None:
    proof.bad(HEAD + "connect.delay(1, 'hunter2')\n    connect.delay(1, password='hunter2')\n", 2)
    first, second = proof.published()
    assert "hunter2" in first.headers["argsrepr"]
    assert "hunter2" in second.headers["kwargsrepr"]


def test_good(proof: Proof) -> None:
    proof.good(HEAD + "connect.apply_async((1, 'hunter2'), argsrepr='(1, ...)')\n")
    (message,) = proof.published()
    assert message.headers["argsrepr"] == "(1, ...)"
    proof.good(
        HEAD + "connect.delay(1, password=None)\n    connect.delay(token.id, token_id=1)\n",
        run=False,
    )


def test_signature_keeps_it_out_too(proof: Proof) -> None:
    sending = "connect.s(1, password='hunter2').apply_async(kwargsrepr='{...}')\n"
    proof.good(HEAD + sending)
    (message,) = proof.published()
    assert message.headers["kwargsrepr"] == "{...}"
    proof.bad(HEAD + "connect.s(1, password='hunter2').apply_async()\n", run=False)
