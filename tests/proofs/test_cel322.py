from __future__ import annotations

from tests.proofs.harness import Proof

SOURCE = """
    from celery import shared_task

    runs = []

    @shared_task(
        bind=True, autoretry_for=(ConnectionError,), {options}, default_retry_delay=0
    )
    def sync(self, what):
        runs.append(what)
        if what == "by hand":
            raise self.retry({given})
        raise ConnectionError
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(options="max_retries=4", given="max_retries=1"))
    with proof.worker():
        proof.finish(module.sync.delay("before"))
        assert module.runs == ["before"] * 5
        proof.finish(module.sync.delay("by hand"))
        module.runs.clear()
        proof.finish(module.sync.delay("after"))
        assert module.runs == ["after"] * 2


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(options="max_retries=4", given=""))
    with proof.worker():
        proof.finish(module.sync.delay("by hand"))
        module.runs.clear()
        proof.finish(module.sync.delay("after"))
        assert module.runs == ["after"] * 5


def test_which_limit(proof: Proof) -> None:
    told = {
        ("max_retries=4", "max_retries=4"): 0,
        ("max_retries=4", "max_retries=limit"): 0,
        ("max_retries=limit", "max_retries=1"): 0,
        ("acks_late=True", "max_retries=2"): 1,
        ("acks_late=True", "max_retries=3"): 0,
        ("retry_kwargs={'max_retries': 6}", "max_retries=5"): 1,
        ("retry_kwargs={'max_retries': 4}, max_retries=9", "max_retries=5"): 0,
        ("retry_kwargs=given", "max_retries=1"): 0,
    }
    for (options, given), count in told.items():
        found = proof.findings(SOURCE.format(options=options, given=given))
        assert len(found) == count, (options, given)
    plain = SOURCE.replace("autoretry_for=(ConnectionError,), ", "")
    assert not proof.findings(plain.format(options="max_retries=4", given="max_retries=1"))
