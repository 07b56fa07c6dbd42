from __future__ import annotations

import celery
import pytest
from celery.exceptions import NotRegistered

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(name="sync")
        @shared_task
        def sync(pk):
            return pk
        """
    if tuple(map(int, celery.__version__.split(".")[:2])) >= (5, 7):
        assert proof.findings(source)
        with pytest.raises(TypeError):
            proof.start(source)
    else:
        module = proof.bad(source)
        try:
            proof.app.finalize()
        except NotRegistered:
            return  # which of the two is made first is chance
        names = [name for name in proof.app.tasks if name.endswith("sync")]
        assert len(names) == 2 or module.sync is not proof.app.tasks["sync"]


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(name="sync")
        def sync(pk):
            return pk
        """
    )
    proof.app.finalize()
    assert module.sync.name == "sync"
