"""A rule goes by code, id and symbol; pylint's groups are rules and advice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flake8_celery.cli import main


@pytest.mark.parametrize(
    "name", ["CEL402", "cel402", "E8602", "e8602", "execution-option-as-argument"]
)
def test_explain(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out.startswith("CEL402 execution-option-as-argument")


@pytest.mark.parametrize("name", ["CEL001", "E8791", "celery-option", "option"])
def test_explain_own_messages(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["explain", name]) == 0
    assert capsys.readouterr().out.startswith("CEL001")


def test_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "E8602", "celery-retry-arguments"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in lines] == ["CEL301", "CEL402"]
    assert main(["rules", "CEL2"]) == 0
    assert {line[:4] for line in capsys.readouterr().out.splitlines()} == {"CEL2"}
    assert main(["rules", "E9999"]) == 2


def test_rules_say_whether_there_is_a_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format=json", "CEL402", "CEL701", "CEL102"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["code"]: row["fix"] for row in rows} == {
        "CEL102": None,
        "CEL402": "safe",
        "CEL701": "unsafe",
    }


CODE = """from celery import shared_task

@shared_task(max_retires=3, autoretry_for=(OSError,))
def fetch(): ...
"""
RULE, ADVICE = "celery-unknown-task-option", "celery-autoretry-without-backoff"


@pytest.mark.parametrize(
    ("enable", "comment", "expected"),
    [
        ("celery", "", {RULE}),
        ("celery-advice", "", {ADVICE}),
        ("celery,celery-advice", "", {RULE, ADVICE}),
        ("celery", f"# pylint: enable={ADVICE}\n", {RULE, ADVICE}),
        ("celery-advice", f"# pylint: enable={RULE}\n", {RULE, ADVICE}),
    ],
)
@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_groups_of_pylint(
    tmp_path: Path, enable: str, comment: str, expected: set[str], jobs: str
) -> None:
    pytest.importorskip("pylint", "3.3")
    from tests.pylint_half.command import pylint

    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(comment + CODE)
    found = pylint(tmp_path, "--disable=all", f"--enable={enable}", jobs, "one.py", "two.py")
    for name in ("one.py", "two.py"):
        told = [message["symbol"] for message in found if message["path"] == name]
        assert set(told) >= expected
        assert (RULE in told) is (RULE in expected)
        assert told.count(ADVICE) == (ADVICE in expected)


def test_the_wrong_half_for_pylint(tmp_path: Path) -> None:
    pytest.importorskip("pylint", "3.3")
    from tests.pylint_half.command import run

    (tmp_path / "one.py").write_text(CODE)
    done = run(tmp_path, "one.py", plugin="flake8_celery")
    assert done.returncode == 32
    assert "write load-plugins = pylint_celery.plugin" in done.stderr
