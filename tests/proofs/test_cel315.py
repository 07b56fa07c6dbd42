from __future__ import annotations

import pytest
from kombu.utils.json import dumps

from tests.proofs.harness import Proof

SOURCE = """
    import datetime
    from datetime import timedelta
    from celery import shared_task

    @shared_task
    def remind(pk):
        return pk

    def later():
        return remind.apply_async((1,), {option}={value})
    """


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("countdown", "timedelta(minutes=5)", TypeError),
        ("countdown", "'60'", TypeError),
        ("eta", "300", AttributeError),
        ("eta", "timedelta(minutes=5)", AttributeError),
        ("expires", "timedelta(hours=1)", TypeError),
        ("expires", "datetime.date(2030, 1, 1)", TypeError),
        ("expires", "'tomorrow'", ValueError),
    ],
)
def test_bad(proof: Proof, option: str, value: str, error: type[Exception]) -> None:
    module = proof.bad(SOURCE.format(option=option, value=value))
    with pytest.raises(error):
        module.later()


def test_time_limit(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(option="time_limit", value="timedelta(minutes=5)"))
    module.later()
    [message] = proof.published()
    # Redis, SQS and the filesystem write headers as JSON
    with pytest.raises(TypeError, match="not JSON serializable"):
        dumps(message.headers)


def test_eta_text_is_dropped_by_the_worker(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(option="eta", value="'tomorrow'"))
    with proof.worker():
        assert proof.settle(module.later()) == "PENDING"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("countdown", "0.1"),
        ("expires", "3600"),
        ("countdown", "timedelta(seconds=0.1).total_seconds()"),
        ("eta", "datetime.datetime.now(datetime.timezone.utc)"),
    ],
)
def test_good(proof: Proof, option: str, value: str) -> None:
    module = proof.good(SOURCE.format(option=option, value=value))
    with proof.worker():
        assert proof.finish(module.later()) == ("SUCCESS", 1)
