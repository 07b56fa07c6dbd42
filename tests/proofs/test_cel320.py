from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

HEAD = """
    from celery import shared_task
    from celery.exceptions import MaxRetriesExceededError

    given_up = []

    def push(pk):
        raise ConnectionError(pk)
    """
MANUAL = """
    @shared_task(bind=True, max_retries=1, default_retry_delay=0)
    def upload(self, pk):
        try:
            push(pk)
        except {caught}:
            try:
                {retry}
            except {handler}:
                given_up.append(pk)
    """
BAD = [
    ("raise self.retry(exc=error)", "MaxRetriesExceededError"),
    ("raise self.retry(exc=error) from error", "self.MaxRetriesExceededError"),
    ("self.retry(None, None, error)", "upload.MaxRetriesExceededError"),
    ("self.retry(exc=ValueError('x'))", "self.MaxRetriesExceededError"),
    ("again = {'exc': error, 'countdown': 0}; self.retry(**again)", "MaxRetriesExceededError"),
    ("print(pk); self.retry(exc=error)", "(MaxRetriesExceededError, KeyError)"),
]
GOOD = [
    ("raise self.retry()", "MaxRetriesExceededError"),
    ("self.retry(exc=MaxRetriesExceededError(pk))", "MaxRetriesExceededError"),
    ("self.retry(exc=error)", "(MaxRetriesExceededError, ConnectionError)"),
    ("self.retry(exc=error)", "(MaxRetriesExceededError, OSError)"),
    ("self.retry(exc=None)", "self.MaxRetriesExceededError"),
    ("self.retry(exc=error) if pk < 0 else self.retry()", "self.MaxRetriesExceededError"),
]


@pytest.mark.parametrize(("retry", "handler"), BAD)
def test_bad(proof: Proof, retry: str, handler: str) -> None:
    source = MANUAL.format(retry=retry, handler=handler, caught="ConnectionError as error")
    module = proof.bad(HEAD + source)
    with proof.worker():
        state, error = proof.finish(module.upload.delay(1))
    assert (state, module.given_up) == ("FAILURE", [])
    assert isinstance(error, (ConnectionError, ValueError))


@pytest.mark.parametrize(("retry", "handler"), GOOD)
def test_good(proof: Proof, retry: str, handler: str) -> None:
    source = MANUAL.format(retry=retry, handler=handler, caught="ConnectionError as error")
    module = proof.good(HEAD + source)
    with proof.worker():
        state, _ = proof.finish(module.upload.delay(1))
    assert (state, module.given_up) == ("SUCCESS", [1])


def test_a_function_that_is_given_the_task(proof: Proof) -> None:
    source = """
    def give_up(task, pk, exc):
        try:
            task.retry(exc=exc, countdown=0)
        except task.MaxRetriesExceededError:
            given_up.append(pk)

    def again(task, pk, exc=None):
        try:
            task.retry(exc=exc, countdown=0)
        except task.MaxRetriesExceededError:
            given_up.append(pk)

    @shared_task(bind=True, max_retries=1)
    def upload(self, pk):
        try:
            push(pk)
        except ConnectionError as error:
            give_up(self, pk, error)

    @shared_task(bind=True, max_retries=1)
    def check(self, pk):
        try:
            push(pk)
        except ConnectionError:
            again(self, pk)
    """
    module = proof.bad(HEAD + source)
    with proof.worker():
        assert proof.finish(module.upload.delay(1))[0] == "FAILURE"
        assert module.given_up == []
        assert proof.finish(module.check.delay(2))[0] == "SUCCESS"
        assert module.given_up == [2]


AUTOMATIC = """
    @shared_task(bind=True, autoretry_for=(ConnectionError,), max_retries=1, default_retry_delay=0)
    def upload(self, pk):
        try:
            {call}
        except self.MaxRetriesExceededError:
            given_up.append(pk)

    def push_or_retry(task, pk):
        task.retry(countdown=0)
    """


def test_automatic(proof: Proof) -> None:
    module = proof.bad(HEAD + AUTOMATIC.format(call="push(pk)"))
    with proof.worker():
        assert proof.finish(module.upload.delay(1))[0] == "FAILURE"
    assert module.given_up == []


def test_automatic_and_handed_on(proof: Proof) -> None:
    module = proof.good(HEAD + AUTOMATIC.format(call="push_or_retry(self, pk)"))
    with proof.worker():
        assert proof.finish(module.upload.delay(1))[0] == "SUCCESS"
    assert module.given_up == [1]
