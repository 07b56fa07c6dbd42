"""The table of versions is what nox runs; comments do what their table says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from flake8_celery.cli import main
from tests.flake8_half.test_plugin import flake8, rows
from tools.node_packages import ROOT

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def nox_tables() -> dict[str, dict[str, tuple[str, ...]]]:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in ("FLAKE8", "PYLINT", "CELERY")
    }


def test_the_table_is_what_nox_runs() -> None:
    page = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
    said = {
        (name.upper(), version, python)
        for name, version, cells in re.findall(r"^\| (\w+) ([\d.*]+|newest) \|(.*)\|$", page, re.M)
        for python, cell in zip(PYTHONS, cells.split("|"), strict=True)
        if cell.strip() == "yes"
    }
    assert said == {
        (name, version, python)
        for name, table in nox_tables().items()
        for version, pythons in table.items()
        for python in pythons
    }


def comments() -> list[tuple[str, str]]:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = page.partition("### Comments\n")[2].partition("\n## ")[0]
    found = [
        (comment, effect.strip())
        for cells, effect in re.findall(r"^\| (`.*?) \| (.*) \|$", table, re.M)
        for comment in re.findall(r"`(#[^`]*)`", cells)
    ]
    assert len(found) >= 15
    return found


@pytest.mark.parametrize(("comment", "effect"), comments())
def test_comments(
    comment: str,
    effect: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # a line with an error of pycodestyle's (E231) beside CEL903
    line = f"@shared_task(max_retires=3,bind=True)  {comment}"
    text = f"from celery import shared_task\n\n\n{line}\ndef first(self):\n    return self\n"
    if "flake8:" in comment:
        text = comment + "\n" + text.replace(f"  {comment}", "")
    (tmp_path / "tasks.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    done = flake8(tmp_path, "--isolated", "--select=CEL,E231", "tasks.py")
    ours, others = rows(done), rows(done, "E231")
    main(["check", "--isolated", "tasks.py"])
    assert bool(ours) == ("CEL903" in capsys.readouterr().out)
    if effect.startswith(("that code", "the codes", "both")):
        assert not ours
        assert others
    elif effect.startswith(("**everything**", "**the whole file**")) or comment == "# noqa":
        assert not ours
        assert not others
    elif effect.startswith(("**nothing**", "**only what stands first**")):
        assert ours
        assert others
    else:
        raise AssertionError(effect)
