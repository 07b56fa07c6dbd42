from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery, chain, chord, group

    app = Celery("shop", broker="memory://", backend="cache+memory://")

    @app.task
    def analyse(sample): ...

    def run():
        {body}
    """


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("job = group(analyse.s(1), analyse.s(2)); return job.get(timeout=20)", TypeError),
        ("job = chain(analyse.s(1), analyse.s()); return job.ready()", AttributeError),
        ("job = analyse.s(1) | analyse.s(); return job.result", AttributeError),
        ("job = chord([analyse.s(1)], analyse.s()); return job.get()", TypeError),
        ("return analyse.s(1).get()", TypeError),
        ("return group(analyse.s(1), analyse.s(2)).join()", AttributeError),
        ("job = analyse.si(1).set(queue='x'); return job.state", AttributeError),
    ],
)
def test_unsent(proof: Proof, body: str, error: type[Exception]) -> None:
    module = proof.bad(SOURCE.format(body=body))
    with pytest.raises(error):
        module.run()


def test_number_is_a_key(proof: Proof) -> None:
    assert proof.bad(SOURCE.format(body="return analyse.s(1).get(20)")).run() is None


def test_sent(proof: Proof) -> None:
    body = "job = group(analyse.s(1), analyse.s(2))(); return job.ready()"
    assert proof.good(SOURCE.format(body=body)).run() is False
    body = "job = group(analyse.s(1), analyse.s(2)); job = job.delay(); return job.ready()"
    assert proof.good(SOURCE.format(body=body)).run() is False
    assert (
        proof.good(SOURCE.format(body="return analyse.s(1).get('task')")).run().endswith("analyse")
    )
