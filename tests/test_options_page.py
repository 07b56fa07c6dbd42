"""docs/options.md: each option's example says before and after what is found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.core.project.files import clear
from flake8_celery.options import BY_NAME
from tests.core.project.test_guarded_git import git
from tools.node_packages import ROOT

PAGE = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
}


def test_every_option_has_its_example() -> None:
    assert set(SECTIONS) == set(BY_NAME)


def told(capsys: pytest.CaptureFixture[str]) -> set[tuple[str, int, str]]:
    clear()
    clear()
    assert main(["check", "--format=json", "-j1"]) in (0, 1)
    rows = json.loads(capsys.readouterr().out)
    return {(row["path"], row["line"], row["code"]) for row in rows}


@pytest.mark.parametrize("option", sorted(SECTIONS))
def test_before_and_after(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    section = SECTIONS[option]
    files = re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', section, re.M | re.S)
    [configuration] = re.findall(r"^```ini\n(.*?)^```$", section, re.M | re.S)
    lines = configuration.splitlines(keepends=True)
    given = [line for line in lines if line.startswith(option)]
    assert len(given) == 1
    monkeypatch.chdir(tmp_path)
    if option == "celery-against":
        git(tmp_path, "init", "-q", "-b", "main")
    expected: dict[str, set[tuple[str, int, str]]] = {"before": set(), "after": set()}
    for title, text in files:
        name, _, revision = title.partition(" at ")
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py" and path.parent.name == "shop":
            (path.parent / "__init__.py").touch()
        path.write_text(text)
        if revision:
            git(tmp_path, "add", ".")
            git(tmp_path, "commit", "-qm", "deployed")
            git(tmp_path, "tag", revision)
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for when, codes in re.findall(r"# (before|after): ([\w ,]+)", line):
                expected[when] |= {(name, number, code) for code in codes.split(", ")}
    assert expected["before"] != expected["after"]
    (tmp_path / "setup.cfg").write_text("".join(line for line in lines if line != given[0]))
    assert told(capsys) == expected["before"]
    (tmp_path / "setup.cfg").write_text(configuration)
    assert told(capsys) == expected["after"]
