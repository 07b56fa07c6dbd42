from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from functools import partial
    from celery import shared_task

    @shared_task
    def charge(order_id, amount, *, note=""): ...

    @shared_task(bind=True)
    def bound(self, order_id): ...

    @shared_task
    def only(order_id, /): ...

    @shared_task(typing=False)
    def untyped(order_id): ...

    def send():
        return {call}
    """


@pytest.mark.parametrize(
    "call",
    [
        "charge.delay(1)",
        "charge.delay(1, 2, 3)",
        "charge.delay(1, 2, order_id=3)",
        "charge.delay(1, amout=2)",
        "charge.apply_async((1,))",
        "charge.apply_async([1], {'amout': 2})",
        "charge.apply_async(kwargs=dict(order_id=1), countdown=3)",
        "charge.s(1, 2, 3).delay()",
        "charge.s(order=1).delay()",
        "charge.si(1).delay()",
        "charge.signature((1,), immutable=True).delay()",
        "charge.subtask((1, 2, 3)).delay()",
        "partial(charge.delay, 1, 2, 3)()",
        "bound.delay(1, 2)",
        "bound.delay(self=1, order_id=2)",
        "charge(1)",
        "bound(1, 2)",
    ],
)
def test_refused_by_the_caller(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with pytest.raises(TypeError):
        module.send()
    assert not proof.published()


@pytest.mark.parametrize(
    "call",
    [
        "only.delay(order_id=1)",
        "untyped.delay()",
        "charge.chunks([(1,), (2, 3)], 2).delay()[0]",
        "charge.starmap([(1, 2, 3)]).delay()",
        "charge.map([1, 2]).delay()",
    ],
)
def test_fails_in_the_worker(proof: Proof, call: str) -> None:
    module = proof.bad(SOURCE.format(call=call))
    with proof.worker():
        state, error = proof.finish(module.send())
    assert state == "FAILURE"
    assert isinstance(error, TypeError)


def test_applied(proof: Proof) -> None:
    result = proof.bad(SOURCE.format(call="charge.apply((1,))")).send()
    assert result.state == "FAILURE"
    assert isinstance(result.result, TypeError)


@pytest.mark.parametrize(
    "call",
    [
        "charge.delay(1, 2)",
        "charge.delay(1, amount=2, note='x')",
        "charge.apply_async((1,), {'amount': 2})",
        "charge.s(2).delay(1)",
        "charge.si(1, 2).delay()",
        "partial(charge.delay, 1)(2)",
        "bound.delay(1)",
        "only.delay(1)",
        "untyped.delay(1)",
        "charge.chunks([(1, 2)], 1).delay()[0]",
        "charge.starmap(zip([1], [2])).delay()",
        "only.map([1, 2]).delay()",
    ],
)
def test_good(proof: Proof, call: str) -> None:
    module = proof.good(SOURCE.format(call=call))
    with proof.worker():
        state, error = proof.finish(module.send())
    assert (state, type(error).__name__) != ("FAILURE", "TypeError")
    assert state == "SUCCESS", error


CANVAS = """
    from celery import chain, chord, group, shared_task

    @shared_task
    def load(pk):
        return pk

    @shared_task
    def save(pk, force=False):
        return pk

    @shared_task
    def later():
        return 0

    @shared_task(bind=True)
    def instead(self):
        raise self.replace({canvas})

    def send():
        return {canvas}{sent}
    """


@pytest.mark.parametrize(
    ("canvas", "sent"),
    [
        ("chain(load.s(), save.s())", "()"),
        ("chain(load.s(1), save.s())", ".delay(2)"),
        ("(load.s() | save.s())", ".apply_async()"),
        ("group(load.s(), later.s())", "()"),
        ("group(load.s(1), later.s())", ".apply_async((1,))"),
        ("chord([load.s(), later.si()], save.s())", ".delay()"),
        ("chord([load.s(), later.si()])", "(save.s())"),
        ("load.s(1)", ".delay(2)"),
        ("load.s()", ".apply_async(kwargs={'pk': 1, 'force': 2})"),
        ("load.signature((1,), immutable=False)", ".delay(2)"),
    ],
)
def test_first_steps_of_a_canvas(proof: Proof, canvas: str, sent: str) -> None:
    source = CANVAS.format(canvas=canvas, sent=sent)
    count = len(proof.findings(source))
    assert count in (1, 2)  # `replace` sends the same with nothing added
    module = proof.load(source)
    with pytest.raises(TypeError):
        module.send()


@pytest.mark.parametrize("canvas", ["load.s()", "chain(load.s(), save.s())", "group(load.s())"])
def test_replacement(proof: Proof, canvas: str) -> None:
    source = CANVAS.format(canvas=canvas, sent="")
    module = proof.bad(source)
    with proof.worker():
        state, error = proof.finish(module.instead.delay())
    assert (state, type(error)) == ("FAILURE", TypeError)


@pytest.mark.parametrize(
    ("canvas", "sent"),
    [
        ("chain(load.s(1), save.s())", "()"),
        ("chain(load.s(), save.s())", ".delay(2)"),
        ("chain(load.si(1), save.s())", ".delay(2)"),
        ("chord([load.s(1), load.s(2)], save.s())", ".delay()"),
        ("chord([load.s(1), load.s(2)])", "(save.s())"),
    ],
)
def test_good_canvas(proof: Proof, canvas: str, sent: str) -> None:
    source = CANVAS.replace("self.replace({canvas})", "self.retry()")
    module = proof.good(source.format(canvas=canvas, sent=sent))
    with proof.worker():
        assert proof.finish(module.send())[0] == "SUCCESS"
