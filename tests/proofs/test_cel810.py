from __future__ import annotations

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery

    class Defaults:
        task_acks_late = True

    class Production{bases}:
        task_track_started = True

    app = Celery("shop")
    {first}
    app.config_from_object(Production)
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(bases="", first="app.config_from_object(Defaults)"))
    assert module.app.conf.task_track_started is True
    assert not module.app.conf.task_acks_late, "the first is gone"


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(bases="(Defaults)", first=""))
    assert module.app.conf.task_track_started is True
    assert module.app.conf.task_acks_late is True


def test_two_branches(proof: Proof) -> None:
    proof.good(
        """
        import os
        from celery import Celery

        app = Celery("shop")
        if os.environ.get("TESTING"):
            app.config_from_object("shop.a")
        else:
            app.config_from_object("shop.b")
        """
    )
