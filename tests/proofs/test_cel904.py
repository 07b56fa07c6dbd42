from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(delay=10)
        def fetch(): ...

        @shared_task(s=1)
        def pull(): ...

        @shared_task(run=2)
        def send(): ...
        """,
        count=3,
    )
    with pytest.raises(TypeError, match="'int' object is not callable"):
        module.fetch.delay()
    with pytest.raises(TypeError, match="'int' object is not callable"):
        module.pull.s()
    with pytest.raises(TypeError, match="'int' object is not callable"):
        module.send()


def test_hook(proof: Proof) -> None:
    bad = proof.bad(
        """
        from celery import shared_task

        @shared_task(on_failure="report")
        def push():
            raise KeyError("original")
        """
    )
    good = proof.good(
        """
        from celery import shared_task

        seen = []

        def report(self, exc, task_id, args, kwargs, einfo):
            seen.append(exc)

        @shared_task(on_failure=report)
        def push():
            raise KeyError("original")
        """
    )
    with proof.worker():
        proof.finish(bad.push.delay())
        state, result = proof.finish(good.push.delay())
        assert state == "FAILURE"
        assert isinstance(result, KeyError)
        assert good.seen
    with pytest.raises(TypeError, match="'str' object is not callable"):
        bad.push.apply()
