"""What a new user sees: the examples, the README, the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from flake8_celery import __version__
from flake8_celery.cli import main
from flake8_celery.linter import rules
from tests import ROOT


def flake8(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select=CEL", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_the_example_has_what_is_expected() -> None:
    done = flake8("-j1", "examples/shop")
    expected = (ROOT / "examples" / "expected.txt").read_text(encoding="utf-8")
    assert done.stdout == expected, done.stderr
    listed = set(re.findall(r"CEL\d{3}", (ROOT / "examples" / "README.md").read_text()))
    assert listed == set(re.findall(r" (CEL\d{3}) ", expected))
    assert {code[3] for code in listed} >= set("12345679"), "one of each family"


def test_the_fixed_example_is_clean() -> None:
    done = flake8("examples/shop_fixed")
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.once
def test_we_lint_ourselves() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=CEL", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_readme_shows_what_is_printed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for line in re.findall(r"^examples/\S+:\d+:\d+: CEL.*$", text, re.M):
        assert line in (ROOT / "examples" / "expected.txt").read_text(encoding="utf-8")


def test_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["code"] for row in rows] == [info.code for info in rules()]
    for row in rows:
        policy = {"option"} if row["code"] in ("CEL990", "CEL991", "CEL992", "CEL993") else set()
        assert set(row) == {
            "code",
            "symbol",
            "pylint",
            "default",
            "family",
            "summary",
            "fix",
            *policy,
        }
        assert all(isinstance(row[k], str) and row[k] for k in row if k not in ("default", "fix"))
        assert row["fix"] in ("safe", "unsafe", None)


def test_rules_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rules())
    assert next(line for line in lines if "CEL354" in line).endswith("(off by default)")


@pytest.mark.parametrize("name", ["CEL301", "cel301", "retry-arguments", "celery-retry-arguments"])
def test_explain(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("CEL301 retry-arguments\n")
    assert "raise self.retry(err)" in out
    assert "```" not in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_explain_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "retry-argument"]) == 2
    assert "did you mean retry-arguments?" in capsys.readouterr().err


def test_command_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flake8_celery", "--version"], capture_output=True, text=True
    )
    assert done.stdout.strip() == __version__


def test_change_log_speaks_of_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/changing-a-task.md"]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
