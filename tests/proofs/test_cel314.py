from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from celery.utils.time import maybe_iso8601, maybe_make_aware

from tests.proofs.harness import Proof

SOURCE = """
    import datetime
    from celery import shared_task

    @shared_task
    def remind(pk): ...

    def later():
        remind.apply_async((1,), eta={now} + datetime.timedelta(minutes=10))
    """


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host at UTC+9."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def wait(proof: Proof) -> float:
    """Seconds from now to the ETA of the one message, as a worker reads it."""
    [message] = proof.published()
    eta = maybe_iso8601(message.headers["eta"])
    assert eta is not None
    return maybe_make_aware(eta).timestamp() - time.time()


@pytest.mark.usefixtures("tokyo")
def test_bad(proof: Proof) -> None:
    proof.app.conf.timezone = "Asia/Tokyo"
    proof.bad(SOURCE.format(now="datetime.datetime.now()")).later()
    assert wait(proof) == pytest.approx(9 * 3600 + 600, abs=30)


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    "now", ["datetime.datetime.now(datetime.timezone.utc)", "datetime.datetime.utcnow()"]
)
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_good(proof: Proof, now: str) -> None:
    proof.app.conf.timezone = "Asia/Tokyo"
    proof.good(SOURCE.format(now=now)).later()
    assert wait(proof) == pytest.approx(600, abs=30)
