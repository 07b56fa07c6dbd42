from __future__ import annotations

from tests.proofs.harness import Proof, wait_for

SOURCE = """
    from celery import shared_task
    from celery.exceptions import Ignore

    ended = []

    @shared_task(bind=True)
    def total(self, numbers):
        try:
            self.update_state(state="{state}", meta={{"done": 1}})
            {then}
        finally:
            ended.append(1)
    """


def test_result_is_dropped(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(state="SUCCESS", then="return sum(numbers)"))
    with proof.worker():
        result = module.total.delay([1, 2])
        assert wait_for(lambda: bool(module.ended))
        proof.settle(result)
        assert proof.finish(result) == ("SUCCESS", {"done": 1})


def test_state_by_its_constant(proof: Proof) -> None:
    source = SOURCE.format(state="SUCCESS", then="return sum(numbers)")
    source = source.replace('"SUCCESS"', "states.SUCCESS").replace(
        "from celery import", "from celery import states,"
    )
    module = proof.bad(source)
    with proof.worker():
        result = module.total.delay([1, 2])
        assert wait_for(lambda: bool(module.ended))
        proof.settle(result)
        assert proof.finish(result) == ("SUCCESS", {"done": 1})


def test_failure_is_dropped(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(state="SUCCESS", then="numbers.missing()"))
    with proof.worker():
        result = module.total.delay([1, 2])
        assert wait_for(lambda: bool(module.ended))
        proof.settle(result)
        assert proof.finish(result) == ("SUCCESS", {"done": 1})


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(state="PROGRESS", then="return sum(numbers)"))
    with proof.worker():
        assert proof.finish(module.total.delay([1, 2])) == ("SUCCESS", 3)


def test_ignore_keeps_it(proof: Proof) -> None:
    module = proof.good(SOURCE.format(state="SUCCESS", then="raise Ignore()"))
    with proof.worker():
        assert proof.finish(module.total.delay([1, 2])) == ("SUCCESS", {"done": 1})


def test_branches_are_told_apart(proof: Proof) -> None:
    source = """
        from celery import shared_task

        @shared_task(bind=True)
        def total(self, numbers):
            if numbers:
                self.update_state(state="SUCCESS", meta=sum(numbers))
            else:
                self.update_state(state="EMPTY")
                numbers.append(1)
            {then}
        """
    assert not proof.findings(source.format(then="return None"))
    assert not proof.findings(source.format(then="print('done')"))
    assert len(proof.findings(source.format(then="return 1"))) == 1
