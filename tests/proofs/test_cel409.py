from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task
    from celery.result import AsyncResult

    @shared_task(bind=True)
    def load(self, path):
        {body}
        return len(path)

    def now(path):
        return load(path)
    """
BODIES = [
    "self.update_state(state='PROGRESS')",
    "AsyncResult(self.request.id)",
    "self.AsyncResult(self.request.id)",
]


@pytest.mark.parametrize("body", BODIES)
def test_bad(proof: Proof, body: str) -> None:
    module = proof.bad(SOURCE.format(body=body), celery_backend="cache")
    with pytest.raises(ValueError, match=r"id"):
        module.now("abc")


@pytest.mark.parametrize(
    "body",
    [
        "self.request.called_directly or self.update_state(state='PROGRESS')",
        "if self.request.id: self.update_state(state='PROGRESS')",
        "self.update_state(task_id='one', state='PROGRESS')",
        "print(self.request.id)",
    ],
)
def test_good(proof: Proof, body: str) -> None:
    module = proof.good(SOURCE.format(body=body), celery_backend="cache")
    assert module.now("abc") == 3


def test_the_backend(proof: Proof) -> None:
    source = SOURCE.format(body=BODIES[0])
    assert not proof.findings(source)
    assert not proof.findings(source, celery_backend="rpc")
    for_results = SOURCE.format(body=BODIES[2])
    assert len(proof.findings(for_results)) == 1
