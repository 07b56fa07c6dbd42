from __future__ import annotations

import pytest
from celery import Celery
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof

SOURCE = """
    import datetime
    from celery import shared_task

    ran = []

    @shared_task{options}
    def names(users):
        ran.append(users)
        return {value}
    """


@pytest.mark.parametrize("backend", ["redis", "cache", "filesystem"])
def test_each_backend_is_judged(proof: Proof, backend: str) -> None:
    proof.bad(SOURCE.format(options="", value="set(users)"), run=False, celery_backend=backend)


@pytest.mark.parametrize("value", ["set(users)", "[{1: {2}}]", "datetime.timedelta(1)"])
def test_bad(proof: Proof, value: str) -> None:
    module = proof.bad(SOURCE.format(options="", value=value), celery_backend="cache")
    with proof.worker():
        state, error = proof.finish(module.names.delay([1]))
    assert state == "FAILURE"
    assert isinstance(error, EncodeError) or type(error).__name__ == "EncodeError"
    assert module.ran == [[1]]


@pytest.mark.parametrize("url", ["file://.", "redis://localhost", "cache+memory://"])
def test_backends_encode(proof: Proof, url: str) -> None:
    with pytest.raises(EncodeError):
        Celery("results", backend=url).backend.encode({"result": {1}})


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(options="", value="sorted(users)"), celery_backend="cache")
    with proof.worker():
        assert proof.finish(module.names.delay([2, 1])) == ("SUCCESS", [1, 2])


def test_ignored(proof: Proof) -> None:
    source = SOURCE.format(options="(ignore_result=True)", value="set(users)")
    module = proof.good(source, celery_backend="cache")
    with proof.worker():
        module.names.delay([1])
        while not module.ran:
            proof.settle(module.names.AsyncResult("none"))
    assert module.ran == [[1]]


@pytest.mark.parametrize(
    "setting",
    ["task_ignore_result=True", "result_serializer='pickle'", "**unknown"],
)
def test_settings(proof: Proof, setting: str) -> None:
    source = "from celery import Celery\napp = Celery()\n"
    source += f"app.conf.update({setting})\n@app.task\ndef f():\n    return {{1}}\n"
    proof.good(source, run=False, celery_backend="redis")
