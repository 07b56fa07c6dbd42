from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


@pytest.mark.parametrize(
    "value",
    [
        "lambda x: 2 * x",
        "functools.partial(print, 1)",
        "functools.cache(work)",
        "staticmethod(work)",
    ],
)
def test_bad(proof: Proof, value: str) -> None:
    source = f"""
        import functools
        from celery import shared_task

        def work(x): ...

        double = shared_task({value}, name="double")
        """
    assert proof.findings(source)
    with pytest.raises((TypeError, AttributeError, ValueError, SyntaxError)):
        proof.start(source)


def test_cache_below(proof: Proof) -> None:
    proof.bad(
        """
        from functools import cache
        from celery import shared_task

        @shared_task
        @cache
        def rate(currency):
            return currency
        """
    )
    with pytest.raises((TypeError, AttributeError)):
        proof.app.finalize()


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from functools import cache
        from celery import shared_task

        @cache
        def _rate(currency):
            return currency

        @shared_task
        def rate(currency):
            return _rate(currency)
        """
    )
    with proof.worker():
        assert proof.finish(module.rate.delay("EUR")) == ("SUCCESS", "EUR")
