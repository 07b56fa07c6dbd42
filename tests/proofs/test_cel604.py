from __future__ import annotations

from typing import Any

import celery
import pytest
from celery.result import AsyncResult

from tests.proofs.harness import Proof, wait_for

VERSION = tuple(int(part) for part in celery.__version__.split(".")[:2])
LOGGED = pytest.mark.skipif(VERSION < (5, 7), reason="before Celery 5.7 the error is replaced")
SOURCE = """
    from celery import Task, chord, shared_task

    got = []

    @shared_task
    def fails():
        raise ValueError("no")

    @shared_task
    def load(pk=0): ...

    @shared_task
    def ended():
        got.append("ended")

    @shared_task(bind=True)
    def bound(self, request, exc, traceback):
        got.append("bound")

    @shared_task(bind=True)
    def bound_id(self, task_id):
        got.append("bound_id")

    @shared_task
    def nothing():
        got.append("nothing")

    @shared_task
    def task_id(uuid):
        got.append("task_id")

    @shared_task
    def two(exc, traceback):
        got.append("two")

    @shared_task
    def three(request, exc, traceback):
        got.append("three")

    @shared_task
    def four(request, exc, traceback, extra):
        got.append("four")

    @shared_task
    def named(uuid, extra):
        got.append("named")

    @shared_task
    def only(uuid, *, extra):
        got.append("only")

    @shared_task
    def any_number(*args):
        got.append("any_number")

    @shared_task(typing=False)
    def unchecked():
        got.append("unchecked")

    def run():
        return fails.apply_async(link_error={errback})
    """


def fail(proof: Proof, module: Any) -> tuple[Any, list[str]]:
    """The error that is stored in the end, and which callbacks ran."""
    with proof.worker():
        result = module.run()
        proof.finish(result)
        # all that the failure sets off is sent before this
        module.ended.delay()
        assert wait_for(lambda: "ended" in module.got)
    return AsyncResult(result.id, app=proof.app).result, [g for g in module.got if g != "ended"]


@pytest.mark.parametrize(
    "errback",
    ["bound.s()", "nothing.s()", "bound.s(1)", "[nothing.s()]", "only.s()", "two.s(exc=1)"],
)
def test_the_error_is_replaced(proof: Proof, errback: str) -> None:
    error, got = fail(proof, proof.bad(SOURCE.format(errback=errback)))
    assert isinstance(error, TypeError)
    assert got == []


@LOGGED
@pytest.mark.parametrize(
    "errback", ["two.s()", "four.s()", "named.s()", "three.s(1)", "unchecked.s()"]
)
def test_the_callback_never_runs(proof: Proof, errback: str) -> None:
    error, got = fail(proof, proof.bad(SOURCE.format(errback=errback)))
    assert isinstance(error, ValueError)
    assert got == []


def test_chord(proof: Proof) -> None:
    source = SOURCE.replace("fails.apply_async(link_error={errback})", "{errback}")
    canvas = "chord([fails.si(), fails.si()])(load.s().on_error(nothing.s()))"
    error, got = fail(proof, proof.bad(source.format(errback=canvas)))
    assert isinstance(error, TypeError)
    assert got == []


@pytest.mark.parametrize(
    "errback",
    ["bound_id.s()", "nothing.si()", "task_id.s()", "three.s()", "four.s(1)", "any_number.s()"],
)
def test_good(proof: Proof, errback: str) -> None:
    error, got = fail(proof, proof.good(SOURCE.format(errback=errback)))
    assert isinstance(error, ValueError)
    assert got == [errback.partition(".")[0]]


@pytest.mark.parametrize(
    "errback",
    [
        # right since Celery 5.7, or right before it
        "named.s(1)",
        "named.s(extra=1)",
        "two.s(1)",
        "two.s(*unseen)",
        "two.s(**unseen)",
        "two.s().set(immutable=True)",
        "unseen.s()",
        "unseen",
        "None",
        # its own arguments are wrong already
        "nothing.s(1)",
    ],
)
def test_nothing_is_said_of(proof: Proof, errback: str) -> None:
    proof.good(SOURCE.format(errback=errback), run=False)
