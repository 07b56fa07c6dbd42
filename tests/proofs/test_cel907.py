from __future__ import annotations

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        ran = []

        @shared_task
        def export(rows):
            for row in rows:
                ran.append(row)
                yield row
        """
    )
    with proof.worker():
        state, error = proof.finish(module.export.delay([1]))
    assert state == "FAILURE"
    assert "generator" in str(error)
    assert module.ran == []


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task
        def export(rows):
            return [row for row in rows]
        """
    )
    with proof.worker():
        assert proof.finish(module.export.delay([1])) == ("SUCCESS", [1])
