from __future__ import annotations

import os

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import Proof

SOURCE = """
    import os
    from celery import current_app as app

    {line}

    @app.task
    def f():
        return os.getpid()
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(line="app.conf.task_always_eager = True"))
    result = module.f.apply_async(countdown=3600)
    assert result.get(disable_sync_subtasks=False) == os.getpid(), "at once, here"
    assert proof.published() == []


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(line="app.conf.task_always_eager = False"))
    module.f.delay()
    assert len(proof.published()) == 1


def test_under_a_condition(proof: Proof) -> None:
    line = "if os.environ.get('TESTING'):\n        app.conf.task_always_eager = True"
    module = proof.good(SOURCE.format(line=line))
    module.f.delay()
    assert len(proof.published()) == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("settings.py", True),
        ("contest/settings.py", True),
        ("testsettings.py", False),
        ("test_settings.py", False),
        ("settings/pytest.py", False),
        ("settings/tests.py", False),
    ],
)
def test_settings_for_tests(path: str, told: bool) -> None:
    found = lint("CELERY_TASK_ALWAYS_EAGER = True\n", path, Options({}))
    assert ("CEL809" in {finding.code for finding in found}) == told
