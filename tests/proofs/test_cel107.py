from __future__ import annotations

import pytest
from celery import VERSION

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    import time
    from celery import current_app as app

    started = []

    @app.task
    def analyse():
        started.append(1)
        time.sleep({pause})
        started.append("to the end")
        return "done"

    def cancel(task_id):
        {call}
    """
REVOKE = "app.control.revoke(task_id, terminate=True, signal='SIGTERM')"


@pytest.mark.parametrize("call", [REVOKE, "app.control.terminate(task_id)"])
def test_bad(proof: Proof, call: str, caplog: pytest.LogCaptureFixture) -> None:
    module = proof.bad(SOURCE.format(pause=3 * PAUSE, call=call), celery_pool="threads")
    with proof.worker(pool="threads", concurrency=1):
        sent = module.analyse.delay()
        assert wait_for(lambda: module.started)
        module.cancel(sent.id)
        # 5.6 says that it is revoked; it runs on all the same
        assert proof.finish(sent)[0] in ("SUCCESS", "REVOKED")
        assert wait_for(lambda: module.started == [1, "to the end"])
    assert "NotImplementedError" in caplog.text or VERSION[:2] == (5, 6)


def test_each_way(proof: Proof) -> None:
    head = (
        "from celery import Celery\nfrom celery.result import AsyncResult\napp = Celery('shop')\n"
    )
    for call in (
        "app.control.revoke('x', terminate=True)",
        "AsyncResult('x').revoke(terminate=True)",
        "app.AsyncResult('x').revoke(terminate=True)",
    ):
        assert len(proof.findings(head + call, celery_pool="solo")) == 1, call
        assert not proof.findings(head + call, celery_pool="prefork")
        assert not proof.findings(head + call, celery_pool="threads,prefork")
        assert not proof.findings(head + call)
    for call in ("app.control.revoke('x', terminate=False)", "app.control.revoke('x')"):
        assert not proof.findings(head + call, celery_pool="solo")
    assert not proof.findings(head + "process.terminate()", celery_pool="solo")


def test_good(proof: Proof) -> None:
    """Without `terminate` a task that has not begun is left out."""
    source = SOURCE.format(pause=0, call="app.control.revoke(task_id)")
    module = proof.good(source, celery_pool="threads")
    with proof.worker(pool="threads", concurrency=1):
        sent = module.analyse.apply_async(countdown=2 * PAUSE)
        module.cancel(sent.id)
        assert proof.finish(sent)[0] == "REVOKED"
    assert module.started == []
