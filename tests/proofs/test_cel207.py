from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

DEFAULT = """
    from celery import shared_task

    @shared_task
    def check(pk, errors={default}):
        {body}
        return sorted(errors)
    """
CHANGES = [
    ("[]", "errors.append(pk)"),
    ("[]", "errors += [pk]"),
    ("[0]", "errors.insert(0, pk)"),
    ("list()", "errors.extend([pk])"),
    ("{}", "errors[pk] = 1"),
    ("set()", "errors.add(pk)"),
    ("dict()", "errors.update({pk: 1})"),
]


@pytest.mark.parametrize(("default", "body"), CHANGES)
def test_bad_default(proof: Proof, default: str, body: str) -> None:
    module = proof.bad(DEFAULT.format(default=default, body=body))
    with proof.worker():
        _, first = proof.finish(module.check.delay(1))
        _, second = proof.finish(module.check.delay(2))
    assert 1 in first
    assert {1, 2} <= set(second)


@pytest.mark.parametrize(
    ("default", "body"),
    [
        ("None", "errors = list(errors or ()); errors.append(pk)"),
        ("[]", "errors = [*errors, pk]"),
        ("()", "errors += (pk,)"),
    ],
)
def test_good_default(proof: Proof, default: str, body: str) -> None:
    module = proof.good(DEFAULT.format(default=default, body=body))
    with proof.worker():
        assert proof.finish(module.check.delay(1))[1] == [1]
        assert proof.finish(module.check.delay(2))[1] == [2]


CLASS = """
    from celery import Task, current_app

    class Build(Task):
        name = "builds.build"
        {attribute}

        def __init__(self):
            {init}

        def run(self, version):
            {body}
            return list(self.errors)

    build = current_app.register_task(Build())
    """
NONE = "other = None"
STATES = [
    (NONE, "self.errors = []", "self.errors.append(version)"),
    (NONE, "self.errors: list = []", "self.errors += [version]"),
    (NONE, "self.errors = set()", "self.errors.add(version)"),
    ("errors = []", "pass", "self.errors.append(version)"),
    ("errors = ''", "pass", "self.errors += str(version)"),
]


@pytest.mark.parametrize(("attribute", "init", "body"), STATES)
def test_bad_state(proof: Proof, attribute: str, init: str, body: str) -> None:
    module = proof.bad(CLASS.format(attribute=attribute, init=init, body=body))
    with proof.worker():
        assert list(map(int, proof.finish(module.build.delay(1))[1])) == [1]
        assert sorted(map(int, proof.finish(module.build.delay(2))[1])) == [1, 2]


@pytest.mark.parametrize(
    ("attribute", "init", "body"),
    [
        (NONE, "self.errors = []", "self.errors = [version]"),
        (NONE, "self.errors = []", "self.errors.clear(); self.errors.append(version)"),
        ("errors = []", "pass", "self.errors = []; self.errors.append(version)"),
    ],
)
def test_good_state(proof: Proof, attribute: str, init: str, body: str) -> None:
    module = proof.good(CLASS.format(attribute=attribute, init=init, body=body))
    with proof.worker():
        assert proof.finish(module.build.delay(1))[1] == [1]
        assert proof.finish(module.build.delay(2))[1] == [2]


def test_a_base_of_a_function(proof: Proof) -> None:
    source = """
    from celery import Task, shared_task

    class Collecting(Task):
        errors = []
        seen = {}
        _cache = []

    @shared_task(bind=True, base=Collecting)
    def check(self, pk):
        self.errors.append(pk)
        self.seen[pk] = 1
        self._cache.append(pk)
        return list(self.errors)
    """
    module = proof.bad(source)
    with proof.worker():
        assert proof.finish(module.check.delay(1))[1] == [1]
        assert proof.finish(module.check.delay(2))[1] == [1, 2]
