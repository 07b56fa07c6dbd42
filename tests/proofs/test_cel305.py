from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_class_alone_stops_the_worker(proof: Proof) -> None:
    proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(ConnectionError))
        def fetch(): ...
        """
    )
    with pytest.raises(TypeError, match="not iterable"):
        proof.app.finalize()


def test_text_hides_every_failure(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=("ConnectionError",))
        def fetch():
            raise KeyError("original")
        """
    )
    with proof.worker():
        state, error = proof.finish(module.fetch.delay())
    assert (state, type(error)) == ("FAILURE", TypeError)
    assert "catching classes that do not inherit from BaseException" in str(error)


def test_throws_list(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(throws=[KeyError])
        def fetch():
            raise KeyError("original")
        """
    )
    with pytest.raises(TypeError, match="isinstance"):
        module.fetch.apply()


def test_retry_kwargs(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(autoretry_for=(OSError,), retry_kwargs={"exc": None})
        def fetch():
            raise OSError("down")
        """
    )
    with proof.worker():
        state, error = proof.finish(module.fetch.delay())
    # TypeError, or on some Pythons a KeyError in making its text
    assert state == "FAILURE"
    assert type(error) in (TypeError, KeyError)


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        runs = []

        @shared_task(
            autoretry_for=(ConnectionError,),
            throws=(KeyError,),
            retry_kwargs={"max_retries": 1, "countdown": 0},
        )
        def fetch():
            runs.append(1)
            if len(runs) == 1:
                raise ConnectionError
            raise KeyError("expected")
        """
    )
    with proof.worker():
        state, error = proof.finish(module.fetch.delay())
    assert (state, type(error), len(module.runs)) == ("FAILURE", KeyError, 2)
