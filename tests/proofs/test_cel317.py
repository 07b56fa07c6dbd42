from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery
    from celery.exceptions import Reject

    app = Celery("shop", broker="memory://", backend="cache+memory://")
    {settings}
    ran = []

    @app.task(bind=True{options})
    def charge(self):
        ran.append(1)
        if len(ran) < 3:
            raise Reject("busy", requeue=True)
    """


def test_gone(proof: Proof) -> None:
    source = SOURCE.format(options="", settings="")
    module = proof.bad(source)
    task = proof.app.task(bind=True, name="shop.charge")(module.charge.run.__func__)
    with proof.worker():
        assert proof.settle(task.delay()) == "PENDING"
    assert len(module.ran) == 1
    assert proof.published() == [], "nothing was put back"


def test_put_back(proof: Proof) -> None:
    source = SOURCE.format(options=", acks_late=True", settings="")
    module = proof.good(source)
    task = proof.app.task(bind=True, name="shop.charge", acks_late=True)(module.charge.run.__func__)
    with proof.worker():
        assert proof.finish(task.delay())[0] == "SUCCESS"
    assert len(module.ran) == 3


@pytest.mark.parametrize(
    "settings", ["app.conf.task_acks_late = True", "app.config_from_object('somewhere')"]
)
def test_late_by_the_settings(proof: Proof, settings: str) -> None:
    proof.good(SOURCE.format(options="", settings=settings), run=False)
