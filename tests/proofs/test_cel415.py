from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

TASK = """
    from celery import shared_task

    @shared_task(name="shop.resize", {options})
    def resize(image_id):
        return image_id
    """
OLD = TASK.format(options="queue='slow415'")
pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.CDeprecationWarning")


def test_bad_queue(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = TASK.format(options="queue='images415'")
    [finding] = shop.findings(new)
    assert "messages wait in the queue 'slow415'" in finding.message
    sent = shop.send(OLD, "resize.delay(1)")
    with shop.worker(new, queues=["images415"]):
        assert proof.settle(sent) == "PENDING"
    with shop.worker(new, queues=["images415", "slow415"]):
        assert proof.finish(sent) == ("SUCCESS", 1)


def test_bad_serializer(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, TASK.format(options=""))
    new = TASK.format(options="serializer='pickle'")
    [finding] = shop.findings(new)
    assert "pickle" in finding.message
    sent = shop.send(new, "resize.delay(1)")
    with shop.worker(TASK.format(options="")):
        assert proof.settle(sent) == "PENDING"


def test_good(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    new = OLD.replace("image_id", "image")
    assert shop.findings(OLD) == shop.findings(new) == []
    sent = shop.send(OLD, "resize.delay(1)")
    with shop.worker(OLD, queues=["slow415"]):
        assert proof.finish(sent) == ("SUCCESS", 1)
