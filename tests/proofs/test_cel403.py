from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

ITERABLE = "task args must be a list or tuple|must be an iterable"
SOURCE = """
    from celery import shared_task

    @shared_task
    def remind(pk):
        return pk

    def later():
        return remind.apply_async({arguments})
    """


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("(7)", ITERABLE),
        ("args={1}", ITERABLE),
        ("kwargs=[7]", "must be a mapping"),
    ],
)
def test_bad(proof: Proof, arguments: str, error: str) -> None:
    module = proof.bad(SOURCE.format(arguments=arguments))
    with pytest.raises(Exception, match=error):
        module.later()


def test_text(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(arguments="'7'"))
    try:
        module.later()
    except TypeError:
        return
    [message] = proof.published()
    assert message.payload[0] != [7]


@pytest.mark.parametrize("arguments", ["(7,)", "args=[7]", "kwargs={'pk': 7}"])
def test_good(proof: Proof, arguments: str) -> None:
    module = proof.good(SOURCE.format(arguments=arguments))
    with proof.worker():
        assert proof.finish(module.later()) == ("SUCCESS", 7)


BRACKETS = """
    from celery import shared_task

    @shared_task
    def remind(pk):
        return pk

    class Order:
        pk = 7

    def later(order, pk, args, many: list):
        return remind.apply_async({arguments})
    """


@pytest.mark.parametrize("arguments", ["(order.pk)", "(pk), countdown=0", "args=(order.pk)"])
def test_brackets_around_one_thing(proof: Proof, arguments: str) -> None:
    module = proof.bad(BRACKETS.format(arguments=arguments))
    with pytest.raises(TypeError):
        module.later(module.Order(), 7, (7,), [7])


@pytest.mark.parametrize("arguments", ["(order.pk,)", "(args)", "(many)", "args", "args=(many)"])
def test_brackets_that_are_right(proof: Proof, arguments: str) -> None:
    module = proof.good(BRACKETS.format(arguments=arguments))
    with proof.worker():
        assert proof.finish(module.later(module.Order(), 7, (7,), [7])) == ("SUCCESS", 7)
