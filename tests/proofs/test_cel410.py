from __future__ import annotations

from pathlib import Path

from celery.exceptions import NotRegistered

from tests.proofs.deployment import Deployment
from tests.proofs.harness import Proof

OLD = """
    from celery import shared_task

    @shared_task(name="shop.build_report")
    def build_report(month):
        return f"report of {month}"
    """
RENAMED = OLD.replace("build_report", "make_report")
WITH_PROXY = (
    RENAMED
    + """
    @shared_task(name="shop.build_report")
    def old_build_report(*args, **kwargs):
        return make_report(*args, **kwargs)
    """
)


def test_bad(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    [finding] = shop.findings(RENAMED)
    assert finding.line == 1
    assert "Received unregistered task of type 'shop.build_report'" in finding.message
    state, error = shop.run(RENAMED, shop.send(OLD, "build_report.delay('May')"))
    assert state == "FAILURE"
    assert isinstance(error, NotRegistered)


def test_good(proof: Proof, tmp_path: Path) -> None:
    shop = Deployment(proof, tmp_path, OLD)
    assert shop.findings(WITH_PROXY) == []
    sent = shop.send(OLD, "build_report.delay('May')")
    assert shop.run(WITH_PROXY, sent) == ("SUCCESS", "report of May")


def test_a_proxy_that_sends_is_no_help_with_old_workers(proof: Proof, tmp_path: Path) -> None:
    """Why the proxy calls: what it sends is a name that a worker of the old code doesn't know."""
    shop = Deployment(proof, tmp_path, OLD)
    state, error = shop.run(OLD, shop.send(RENAMED, "make_report.delay('May')"))
    assert state == "FAILURE"
    assert isinstance(error, NotRegistered)
