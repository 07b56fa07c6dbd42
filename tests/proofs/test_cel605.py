from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.harness import Proof, wait_for

SOURCE = """
    from celery import chord, current_app as app, group

    ran = []

    @app.task(name="proof.count", ignore_result={ignore})
    def count(n):
        return n

    @app.task(name="proof.total")
    def total(numbers):
        ran.append(sum(numbers))

    def send():
        return ({canvas}).delay()
    """
CHORD = "chord([count.s(1), count.s(2)], total.s())"
PIPED = "group(count.s(1), count.s(2)) | total.s()"


@pytest.mark.parametrize("canvas", [CHORD, PIPED])
@pytest.mark.parametrize("backend", ["disabled", "rpc"])
def test_cant_be_sent(proof: Proof, backend: str, canvas: str) -> None:
    proof.app.conf.result_backend = f"{backend}://"
    source = SOURCE.format(ignore=False, canvas=canvas)
    assert len(proof.findings(source, celery_backend=backend)) == 1
    with pytest.raises(NotImplementedError):
        proof.start(source).send()


def run(proof: Proof, backend: str, ignore: bool) -> bool:
    """Whether the body runs."""
    proof.app.conf.update(result_backend=backend, result_chord_retry_interval=0.1)
    module = proof.start(SOURCE.format(ignore=ignore, canvas=CHORD))
    with proof.worker():
        module.send()
        return wait_for(lambda: bool(module.ran), 2.0)


def test_body_waits_for_ever(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(ignore=True, canvas=CHORD)
    assert len(proof.findings(source, celery_backend="filesystem")) == 1
    assert not run(proof, f"file://{tmp_path}", True)


def test_good(proof: Proof, tmp_path: Path) -> None:
    source = SOURCE.format(ignore=False, canvas=CHORD)
    assert not proof.findings(source, celery_backend="filesystem")
    assert run(proof, f"file://{tmp_path}", False)
