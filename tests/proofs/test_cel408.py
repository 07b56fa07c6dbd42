from __future__ import annotations

import pytest

from tests.proofs.harness import Proof, since

SOURCE = """
    from celery import shared_task

    @shared_task({options})
    def load(path):
        return len(path)

    def now():
        {body}
    """
SENT = "sent = load.delay('abc'); "


def test_bad(proof: Proof) -> None:
    body = "return load.delay('abc').get(timeout=30)"
    module = proof.bad(SOURCE.format(options="ignore_result=True", body=body))
    with proof.worker():
        assert module.now() is None


@pytest.mark.parametrize(
    ("body", "gives"),
    [
        (SENT + "return sent.result", None),
        (SENT + "return sent.state", "PENDING"),
        (SENT + "return sent.ready()", False),
        (SENT + "return sent.successful()", False),
    ],
)
def test_each_way_of_reading(proof: Proof, body: str, gives: object) -> None:
    module = proof.bad(SOURCE.format(options="ignore_result=True", body=body))
    with proof.worker():
        sent = module.load.delay("abc")
        proof.settle(sent)
        assert module.now() == gives


@pytest.mark.parametrize(
    ("options", "call"),
    [
        ("", "load.delay('abc')"),
        pytest.param(
            "ignore_result=True",
            "load.apply_async(('abc',), ignore_result=False)",
            marks=since("5.6", "the worker asks the task alone"),
        ),
        ("ignore_result=True", "load.apply(('abc',))"),
    ],
)
def test_good(proof: Proof, options: str, call: str) -> None:
    module = proof.good(SOURCE.format(options=options, body=f"return {call}.get(timeout=30)"))
    with proof.worker():
        assert module.now() == 3


def test_who_says_so(proof: Proof) -> None:
    source = """
    from celery import Celery
    app = Celery("shop")
    app.conf.task_ignore_result = {setting}

    @app.task({options})
    def load(path): ...

    def now():
        return load.apply_async(("a",){given}).get()
    """
    told = {
        ("True", "", ""): 1,
        ("True", "ignore_result=False", ""): 0,
        ("True", "", ", ignore_result=False"): 0,
        ("False", "", ", ignore_result=True"): 1,
        ("False", "", ""): 0,
        ("chosen()", "", ""): 0,
        ("False", "ignore_result=chosen()", ""): 0,
        ("False", "ignore_result=True", ", **given"): 0,
    }
    for (setting, options, given), count in told.items():
        text = source.format(setting=setting, options=options, given=given)
        assert len(proof.findings(text)) == count, (setting, options, given)
