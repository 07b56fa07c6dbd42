from __future__ import annotations

import pytest
from celery.exceptions import QueueNotFound

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery
    from kombu import Queue

    app = Celery("proof", broker="memory://", set_as_current=False)
    app.conf.task_queues = (Queue("orders"), Queue("mail"))
    app.conf.task_create_missing_queues = {create}
    {line}

    @app.task(name="proof.remind")
    def remind(): ...
    """


@pytest.mark.parametrize("line", ["", 'app.conf.task_default_queue = "reports"'])
def test_every_delay_raises(proof: Proof, line: str) -> None:
    module = proof.bad(SOURCE.format(create=False, line=line))
    with pytest.raises(QueueNotFound):
        module.remind.delay()


@pytest.mark.parametrize(
    ("create", "line"), [(False, 'app.conf.task_default_queue = "mail"'), (True, "")]
)
def test_good(proof: Proof, create: bool, line: str) -> None:
    module = proof.good(SOURCE.format(create=create, line=line))
    assert module.remind.delay().id
