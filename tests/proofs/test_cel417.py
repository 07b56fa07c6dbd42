from __future__ import annotations

import pytest
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery, current_app, shared_task

    app = current_app._get_current_object()

    @shared_task
    def report(pk): ...

    def start():
        result = report.delay(1)
        {call}
    """


@pytest.mark.parametrize(
    "call",
    [
        "app.control.revoke(result)",
        "app.control.revoke(task_id=result, terminate=True)",
        "app.control.revoke([result])",
        "app.control.terminate(result)",
        "current_app.control.revoke(report.delay(2))",
    ],
)
def test_bad(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with pytest.raises(EncodeError):
        module.start()


@pytest.mark.parametrize(
    "call",
    [
        "app.control.revoke(result.id)",
        "result.revoke()",
        "app.control.revoke([result.id], terminate=True)",
    ],
)
def test_good(proof: Proof, call: str) -> None:
    proof.good(SOURCE.format(call=call)).start()
