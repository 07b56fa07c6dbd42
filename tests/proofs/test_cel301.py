from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_exception_by_position(proof: Proof) -> None:
    """The retry itself fails, its TypeError hides the real error, and there is no second run."""
    module = proof.bad(
        """
        from celery import shared_task

        runs = []

        @shared_task(bind=True, default_retry_delay=0)
        def pay(self, order):
            runs.append(order)
            try:
                raise TimeoutError("bank")
            except TimeoutError as err:
                raise self.retry(err)
        """
    )
    with proof.worker():
        state, error = proof.finish(module.pay.delay(1))
    assert (state, type(error)) == ("FAILURE", TypeError)
    assert module.runs == [1]


def test_exc_is_no_exception(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(bind=True, max_retries=0)
        def pay(self, order):
            self.retry(exc="timeout")
        """
    )
    with pytest.raises(TypeError, match="exceptions must derive from BaseException"):
        module.pay.apply((1,), throw=True).get()


def test_self_in_args(proof: Proof) -> None:
    source = """
        from celery import shared_task

        runs = []

        @shared_task(bind=True, default_retry_delay=0)
        def pay(self, order):
            runs.append(order)
            if len(runs) == 1:
                self.retry(args={args})
            return order
        """
    bad = proof.bad(source.format(args="(self, order)"))
    with proof.worker():
        state = proof.settle(bad.pay.delay(1))
    assert state != "SUCCESS"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("args=()", 0),
        ("args=(1, 2)", 1),
        ("(1,), {'other': 2}", 1),
        ("args=[], kwargs={}", 1),
        ("kwargs={'other': 2}", 1),
        ("kwargs={'order': 2}, args=()", 0),
        ("args=None, kwargs=None", 0),
        ("args=(3,)", 0),
    ],
)
def test_arguments_that_the_task_can_not_take(proof: Proof, arguments: str, count: int) -> None:
    """The same holds of the next run as of any message; what is left out is as it was."""
    source = f"""
        from celery import shared_task

        runs = []

        @shared_task(bind=True, default_retry_delay=0)
        def pay(self, order=1):
            runs.append(order)
            if len(runs) == 1:
                self.retry({arguments})
            return order
        """
    if count and "args=[]" in arguments:
        source = source.replace("order=1", "order")
    module = proof.bad(source, count)
    with proof.worker():
        result = module.pay.delay(*([1] if count or "args=None" in arguments else []))
        if count:
            state = proof.settle(result)
        else:
            state, _ = proof.finish(result)
    assert (state == "SUCCESS") == (not count)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        runs = []

        @shared_task(bind=True, default_retry_delay=0)
        def pay(self, order):
            runs.append(order)
            try:
                if len(runs) == 1:
                    raise TimeoutError("bank")
            except TimeoutError as err:
                raise self.retry(exc=err)
            return order
        """
    )
    with proof.worker():
        assert proof.finish(module.pay.delay(1)) == ("SUCCESS", 1)
    assert module.runs == [1, 1]
