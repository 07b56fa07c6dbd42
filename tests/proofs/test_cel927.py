from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.proofs.harness import Proof

ONCE = """
from celery import current_app as app
from celery_once import QueueOnce

app.conf.ONCE = {{"backend": "celery_once.backends.File", "settings": {{"location": {folder!r}}}}}

@app.task(base=QueueOnce, {options})
def charge(pk, day=None):
    return pk

def later():
    return charge.delay(1)
"""


@pytest.mark.parametrize("options", ['once={"keys": ["order"]}', 'once={"keys": ["pk", "day"]}'])
def test_keys_must_be_given(proof: Proof, tmp_path: Path, options: str) -> None:
    pytest.importorskip("celery_once")
    bad = proof.bad(ONCE.format(folder=str(tmp_path), options=options))
    with pytest.raises(KeyError):
        bad.later()


def test_graceful_stands_in_the_dict(proof: Proof, tmp_path: Path) -> None:
    once = pytest.importorskip("celery_once")
    bad = proof.bad(ONCE.format(folder=str(tmp_path / "bad"), options="graceful=True"))
    bad.later()
    with pytest.raises(once.AlreadyQueued):
        bad.later()
    options = 'once={"graceful": True, "keys": ["pk"]}'
    good = proof.good(ONCE.format(folder=str(tmp_path / "good"), options=options))
    good.later()
    assert good.later().state == "REJECTED"


def test_setting_is_needed(proof: Proof) -> None:
    pytest.importorskip("celery_once")
    source = """
    from celery import Celery
    from celery_once import QueueOnce

    app = Celery("shop", broker="memory://", set_as_current=False)

    @app.task(base=QueueOnce)
    def charge(pk): ...
    """
    bad = proof.bad(source)
    with pytest.raises(AttributeError):
        bad.charge.delay(1)


class Memory:
    """Locks of celery-singleton without Redis."""

    locks: dict[str, str]

    def __init__(self, *_: Any, **__: Any) -> None:
        self.locks = {}

    def lock(self, lock: str, task_id: str, expiry: int | None = None) -> bool:
        # as Redis does by SET NX
        if lock in self.locks:
            return False
        self.locks[lock] = task_id
        return True

    def unlock(self, lock: str) -> None:
        self.locks.pop(lock, None)

    def get(self, lock: str) -> str | None:
        return self.locks.get(lock)


SINGLETON = """
from celery import current_app as app
from celery_singleton import Singleton

runs = []

@app.task(base=Singleton, bind=True, {options})
def fetch(self, url):
    runs.append(url)
    {body}
"""


@pytest.fixture
def singleton(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    module = pytest.importorskip("celery_singleton.singleton")
    memory = Memory()
    monkeypatch.setattr(module, "get_backend", lambda config: memory)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ('autoretry_for=(OSError,), retry_kwargs={"countdown": 0}', "raise OSError"),
        ("max_retries=3", "raise self.retry(countdown=0)"),
    ],
)
@pytest.mark.usefixtures("singleton")
def test_singleton_is_never_retried(proof: Proof, options: str, body: str) -> None:
    bad = proof.bad(SINGLETON.format(options=options, body=body))
    with proof.worker():
        result = bad.fetch.delay("a")
        proof.settle(result)
        assert bad.runs == ["a"]


@pytest.mark.usefixtures("singleton")
def test_singleton_without_retry(proof: Proof) -> None:
    good = proof.good(SINGLETON.format(options="max_retries=3", body="return url"))
    with proof.worker():
        assert proof.finish(good.fetch.delay("a")) == ("SUCCESS", "a")


@pytest.mark.usefixtures("singleton")
def test_lock_of_a_date(proof: Proof) -> None:
    source = """
    import datetime
    from celery import current_app as app
    from celery_singleton import Singleton

    @app.task(base=Singleton)
    def report(day): ...

    def later():
        report.delay({day})
    """
    bad = proof.bad(source.format(day="datetime.date.today()"))
    with pytest.raises(TypeError):
        bad.later()
    proof.good(source.format(day="datetime.date.today().isoformat()")).later()
    assert len(proof.published()) == 1
