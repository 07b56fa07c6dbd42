from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    with pytest.raises(TypeError):
        proof.bad(
            """
            from celery import shared_task

            @shared_task("shop.sync")
            def sync(pk): ...
            """
        )
    with pytest.raises(TypeError, match="must be a callable"):
        proof.bad(
            """
            from celery import Celery

            app = Celery("shop")

            @app.task("shop.sync")
            def sync(pk): ...
            """
        )


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(name="shop.sync")
        def sync(pk): ...
        """
    )
    assert module.sync.name == "shop.sync"
