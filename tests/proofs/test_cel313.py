from __future__ import annotations

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        runs = []

        @shared_task
        def remind(pk):
            runs.append(pk)

        def late():
            return remind.apply_async((1,), countdown=0.3, expires=0.2)

        def never():
            return remind.apply_async((2,), expires=0)
        """,
        count=2,
    )
    with proof.worker():
        assert proof.finish(module.late())[0] == "REVOKED"
        assert proof.finish(module.never())[0] == "REVOKED"
    assert module.runs == []


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task
        def remind(pk):
            return pk

        def soon():
            return remind.apply_async((1,), countdown=0.1, expires=30)
        """
    )
    with proof.worker():
        assert proof.finish(module.soon()) == ("SUCCESS", 1)
